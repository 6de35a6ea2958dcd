// Row: one row of a statement's result, read while it lasts. SqlError: what a caller is told of a fault.
// Threads: the statement's.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace gatehouse::sql {

// What went wrong with a statement, in words for the caller.
class SqlError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// How a text is written: as JSON, or as one line within a JSON text.
enum class CellForm { json, line };

class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    int columns() const;
    std::string columnName(int column) const;

    // Appends the value, never more than a few KiB past `most` bytes of `out`. json: null, a number or a string, a blob
    // as base16 text. line: as SQLite would print it, on one line, with JSON's escapes. False: it did not fit, and part
    // of it may be there. Throws SqlError when SQLite has no memory for the value.
    bool append(std::string& out, int column, CellForm form, std::size_t most) const;

private:
    std::size_t leastBytes(int column, int type) const;
    std::string_view view(int column, int type) const;

    sqlite3_stmt* statement_;
};

// Appends the text without quotes, with JSON's escapes. False as Row::append.
bool appendEscaped(std::string& out, std::string_view text, CellForm form, std::size_t most);

} // namespace gatehouse::sql
