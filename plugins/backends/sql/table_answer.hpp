// TableAnswer: rows as text for a reader and as JSON for a program, within limits that the answer tells.
// Threads: one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/tool.hpp>

#include "result_row.hpp"

namespace gatehouse::sql {

struct AnswerLimits {
    std::size_t rows = 1000;
    std::size_t bytes = 1 << 20; // see TableAnswer
};

// On its way to the client an answer is there up to six times, and its JSON is read once more to hold it against the
// output schema, which takes some 24 bytes for each value and row. All that shall fit into four times
// AnswerLimits::bytes, so the rows as text and as JSON have half of them, less four bytes for each value and
// row.
class TableAnswer {
public:
    explicit TableAnswer(const AnswerLimits& limits) : limits_(limits) {}

    // The names of the columns, once, before the first row. Throws SqlError when they are longer than any answer
    // should be.
    void columns(const Row& row);
    bool row(const Row& row); // false: at a limit
    std::size_t count() const { return count_; }
    // Once, at the end: the rows move into it.
    Result result();

    // The outputSchema of what result() gives.
    static Json schema();

private:
    bool append(const Row& row, std::size_t most);
    bool cut(const char* limit);
    std::string summary() const;
    std::string typesJson() const;

    const AnswerLimits limits_;
    RowText rows_; // with JSON's escapes
    std::string namesLine_;
    std::string columnsJson_;
    std::vector<ValueType> types_; // of the row that is read
    std::vector<unsigned> seen_;   // of each column: a bit for each ValueType it had
    std::size_t spent_ = 0;        // of the bytes there are for rows, beside those of rows_
    std::size_t count_ = 0;
    std::string cutBy_; // which limit ended it
};

} // namespace gatehouse::sql
