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

// A text that grows piece by piece: one string would be copied while it grows, and take three times its size.
class PiecedText {
public:
    std::size_t size() const { return size_; }
    void append(std::string& text); // may take its memory; what is in it then is not said
    // Appends all to `out`, and has nothing any more.
    void moveTo(std::string& out);

private:
    std::vector<std::string> pieces_;
    std::size_t size_ = 0;
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
    ToolResult result();

    // The outputSchema of what result() gives.
    static Json schema();

private:
    bool append(const Row& row, int column, std::size_t most);
    bool cut(const char* limit);
    std::string summary() const;
    std::string typesJson() const;

    const AnswerLimits limits_;
    PiecedText lines_; // of the rows, with JSON's escapes
    PiecedText rowsJson_;
    std::string namesLine_;
    std::string columnsJson_;
    std::vector<unsigned> seen_; // of each column: a bit for each ValueType it had
    RowText text_;               // of the row that is read
    std::size_t spent_ = 0;      // of the bytes there are for rows
    std::size_t count_ = 0;
    std::string cutBy_; // which limit ended it
};

} // namespace gatehouse::sql
