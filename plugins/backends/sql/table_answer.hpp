// TableAnswer: rows as text for a reader and as JSON for a program, within limits that the answer tells.
// Threads: one.
#pragma once

#include <string>
#include <vector>

#include <gatehouse/tool.hpp>

#include "result_row.hpp"

namespace gatehouse::sql {

struct AnswerLimits {
    std::size_t rows = 1000;
    std::size_t bytes = 1 << 20; // of the rows, as text and as JSON together
};

class TableAnswer {
public:
    explicit TableAnswer(const AnswerLimits& limits) : limits_(limits) {}

    // Throws SqlError when the names are longer than any answer should be.
    void columns(const std::vector<std::string>& names);
    bool row(const Row& row); // false: at a limit
    // Once, at the end: the rows move into it.
    ToolResult result();

    // The outputSchema of what result() gives.
    static Json schema();

private:
    bool append(const Row& row, int column);
    bool cut(const char* limit);
    std::string summary() const;

    const AnswerLimits limits_;
    std::string text_; // with JSON's escapes
    std::string rowsJson_;
    std::string columnsJson_;
    std::size_t mostBytes_ = 0; // of text_ and rowsJson_ together
    std::size_t count_ = 0;
    std::string cutBy_; // which limit ended it
};

} // namespace gatehouse::sql
