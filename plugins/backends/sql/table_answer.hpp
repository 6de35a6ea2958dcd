// TableAnswer: rows as text for a reader and as JSON for a program, within limits that the answer tells.
// Threads: one.
#pragma once

#include <string>
#include <vector>

#include <gatehouse/tool.hpp>

#include "sqlite_connection.hpp"

namespace gatehouse::sql {

struct AnswerLimits {
    std::size_t rows = 1000;
    std::size_t bytes = 1 << 20; // of the JSON rows
};

class TableAnswer {
public:
    explicit TableAnswer(const AnswerLimits& limits) : limits_(limits) {}

    void columns(const std::vector<std::string>& names);
    bool row(const Row& row); // false: at a limit
    ToolResult result() const;

    // The outputSchema of what result() gives.
    static Json schema();

private:
    const AnswerLimits limits_;
    std::string columnsJson_;
    std::string rowsJson_;
    std::string text_;
    std::size_t count_ = 0;
    std::string cutBy_; // which limit ended it
};

} // namespace gatehouse::sql
