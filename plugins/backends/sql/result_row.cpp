#include "result_row.hpp"

#include <algorithm>

#include <sqlite3.h>
#include <gatehouse/json_text.hpp>

namespace gatehouse::sql {

namespace {

constexpr std::size_t pieceBytes = 4096;

bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The first bytes of the text, some KiB of them, with no character cut.
std::string_view firstPiece(std::string_view text) {
    if (text.size() <= pieceBytes) return text;
    std::size_t size = pieceBytes;
    while (size > pieceBytes - 3 && isContinuation(text[size])) --size;
    return text.substr(0, size);
}

void appendHex(std::string& out, std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    out.reserve(out.size() + 2 * bytes.size() + 2);
    for (const char byte : bytes) {
        out += digits[static_cast<unsigned char>(byte) >> 4];
        out += digits[static_cast<unsigned char>(byte) & 15];
    }
}

} // namespace

bool appendEscaped(std::string& out, std::string_view text, CellForm form, std::size_t most) {
    std::string piece, escaped;
    out.reserve(std::max(out.capacity(), out.size() + text.size() + 2));
    while (!text.empty()) {
        piece = firstPiece(text);
        text.remove_prefix(piece.size());
        if (form == CellForm::line)
            std::replace_if(
                piece.begin(), piece.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
        escaped.clear();
        appendJsonString(escaped, piece);
        out.append(escaped, 1, escaped.size() - 2);
        if (out.size() > most) return false;
    }
    return true;
}

int Row::columns() const { return sqlite3_column_count(statement_); }

std::string Row::columnName(int column) const {
    const char* name = sqlite3_column_name(statement_, column);
    if (!name) throw SqlError("there is no memory for the names of the columns");
    return name;
}

// Before the value is read: SQLite keeps zeroblob(N) as a number.
std::size_t Row::leastBytes(int column, int type) const {
    if (type != SQLITE_TEXT && type != SQLITE_BLOB) return 1;
    const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return type == SQLITE_BLOB ? 2 + 2 * bytes : bytes;
}

std::string_view Row::view(int column, int type) const {
    const auto* bytes = static_cast<const char*>(
        type == SQLITE_BLOB ? sqlite3_column_blob(statement_, column)
                            : static_cast<const void*>(sqlite3_column_text(statement_, column)));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    if (!bytes && (type != SQLITE_BLOB || size > 0)) throw SqlError("there is no memory for a value of the row");
    return {bytes ? bytes : "", size};
}

bool Row::append(std::string& out, int column, CellForm form, std::size_t most) const {
    const int type = sqlite3_column_type(statement_, column);
    const bool isString = type == SQLITE_TEXT || type == SQLITE_BLOB;
    const char* const quote = isString && form == CellForm::json ? "\"" : "";
    if (out.size() + leastBytes(column, type) > most) return false;
    if (type == SQLITE_NULL) return out += form == CellForm::json ? "null" : "NULL", true;
    out += quote;
    const std::string_view value = view(column, type);
    if (type == SQLITE_BLOB) appendHex(out += "0x", value);
    else if (type == SQLITE_TEXT && !appendEscaped(out, value, form, most)) return false;
    else if (type == SQLITE_INTEGER) out += value;
    else if (type == SQLITE_FLOAT) { // SQLite prints 15 digits, and Inf for what JSON has no word for
        const bool isPlain = value.find_first_not_of("0123456789.+-e") == std::string_view::npos;
        out += isPlain || form == CellForm::line ? value : "null";
    }
    out += quote;
    return true;
}

} // namespace gatehouse::sql
