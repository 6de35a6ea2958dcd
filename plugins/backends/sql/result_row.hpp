// Row: one row of a statement's result, read while it lasts. SqlError: what a caller is told of a fault.
// Threads: the statement's.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "pieced_text.hpp"

struct sqlite3_stmt;

namespace gatehouse::sql {

// What went wrong with a statement, in words for the caller.
class SqlError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// SQLite's storage classes. A column may have values of several.
enum class ValueType { null, integer, real, text, blob };

// How a text is written: as JSON, or as one line within a JSON text.
enum class CellForm { json, line };

// Rows in the two forms of an answer.
struct RowText {
    PiecedText json;     // values as JSON
    PiecedText line;     // the same as lines for a reader, with JSON's escapes
    std::string scratch; // while a value is written

    std::size_t size() const { return json.size() + line.size(); }
    void append(std::string_view both) {
        json.append(both);
        line.append(both);
    }
};

class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    int columns() const;
    std::string columnName(int column) const;
    ValueType type(int column) const;

    // Appends the value, which is of this type, never more than a few KiB past `most` bytes of both forms together.
    // False: it did not fit, and part of it may be there. Throws SqlError when SQLite has no memory for the value.
    //
    // null:    null in JSON, NULL in the line.
    // integer: a number; as a JSON string where JavaScript would round it (beyond 2^53 - 1, RFC 7493 2.2).
    // real:    a number, the shortest that reads back as the same double; infinities are the JSON string Infinity.
    // text:    a string, with U+FFFD for what is no UTF-8; control characters are blanks in the line.
    // blob:    a string, 0x and base16.
    bool append(RowText& out, int column, ValueType type, std::size_t most) const;

private:
    bool appendText(RowText& out, std::string_view text, std::size_t most) const;
    std::string_view view(int column, ValueType type, std::size_t bytes) const;

    sqlite3_stmt* statement_;
};

// Appends the text without quotes, with JSON's escapes. False as Row::append.
bool appendEscaped(std::string& out, std::string_view text, CellForm form, std::size_t most);

} // namespace gatehouse::sql
