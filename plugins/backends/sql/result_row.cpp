#include "result_row.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <sqlite3.h>
#include <gatehouse/json_text.hpp>

#include "utf8_text.hpp"

namespace gatehouse::sql {

namespace {

constexpr std::size_t firstPieceBytes = 4096;
constexpr std::int64_t mostOfJavaScript = (std::int64_t(1) << 53) - 1; // RFC 7493 section 2.2

// The first bytes of the text, some KiB of them, with no character cut.
std::string_view firstPiece(std::string_view text) {
    if (text.size() <= firstPieceBytes) return text;
    std::size_t size = firstPieceBytes;
    while (size > firstPieceBytes - 3 && isContinuation(text[size])) --size;
    return text.substr(0, size);
}

// Whether some of the bytes stand in JSON otherwise than as they are, or are no printable ASCII.
template <class Bytes>
auto odd(Bytes bytes) {
    return (bytes < 0x20) | (bytes > 0x7E) | (bytes == '"') | (bytes == '\\');
}

bool isPlain(std::string_view text) {
    bool plain = true;
    for (const char c : text) plain &= !odd(static_cast<unsigned char>(c));
    return plain;
}

// Where a text is written, in both forms.
struct CellPlaces {
    char* json;
    char* line;

    CellPlaces operator+(std::size_t bytes) const { return {json + bytes, line + bytes}; }
};

using Block = unsigned char __attribute__((vector_size(16))); // one register of any processor

template <class Piece>
Piece copied(const char* from, CellPlaces to) {
    Piece piece;
    std::memcpy(&piece, from, sizeof(piece));
    std::memcpy(to.json, &piece, sizeof(piece));
    std::memcpy(to.line, &piece, sizeof(piece));
    return piece;
}

bool copyShort(std::string_view text, CellPlaces to) {
    bool plain = true;
    for (std::size_t at = 0; at < text.size(); ++at) plain &= !odd(copied<unsigned char>(&text[at], to + at));
    return plain;
}

// Copies it whole, by 16 bytes, of which the last may be copied twice. False: some of it is not plain.
bool copyPlain(std::string_view text, CellPlaces to) {
    if (text.size() < sizeof(Block)) return copyShort(text, to);
    const std::size_t last = text.size() - sizeof(Block);
    auto found = odd(copied<Block>(&text[last], to + last));
    for (std::size_t at = 0; at < last; at += sizeof(Block)) found |= odd(copied<Block>(&text[at], to + at));
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(found);
    return (halves[0] | halves[1]) == 0;
}

bool isLineBreak(char c) { return c == '\n' || c == '\r' || c == '\t'; }

// JSON's quotes are taken off again: both are at known places.
void appendUnquoted(std::string& out, std::string_view text) {
    const std::size_t from = out.size();
    appendJsonString(out, text);
    out.pop_back();
    out.erase(from, 1);
}

void appendPiece(std::string& out, std::string_view piece, CellForm form) {
    if (isPlain(piece)) {
        out += piece;
        return;
    }
    if (form == CellForm::json || std::none_of(piece.begin(), piece.end(), isLineBreak))
        return appendUnquoted(out, piece);
    std::string line(piece);
    std::replace_if(line.begin(), line.end(), isLineBreak, ' ');
    appendUnquoted(out, line);
}

void appendHex(std::string& out, std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    out.reserve(out.size() + 2 * bytes.size() + 4);
    out += "0x";
    for (const char byte : bytes) {
        out += digits[static_cast<unsigned char>(byte) >> 4];
        out += digits[static_cast<unsigned char>(byte) & 15];
    }
}

void appendBlob(RowText& out, std::string_view bytes) {
    out.scratch.clear();
    appendHex(out.scratch, bytes);
    out.line.append(std::string_view(out.scratch));
    out.json.append('"');
    out.json.adopt(std::move(out.scratch));
    out.json.append('"');
}

void appendQuoted(PiecedText& json, std::string_view plain) {
    char* const quoted = json.room(plain.size() + 2);
    *quoted = '"';
    std::memcpy(quoted + 1, plain.data(), plain.size());
    quoted[plain.size() + 1] = '"';
    json.wroteTo(quoted + plain.size() + 2);
}

// False: the text is not plain, and nothing was appended.
bool appendPlain(RowText& out, std::string_view text) {
    char* const json = out.json.room(text.size() + 2);
    char* const line = out.line.room(text.size());
    if (!copyPlain(text, {json + 1, line})) return false;
    json[0] = json[text.size() + 1] = '"';
    out.json.wroteTo(json + text.size() + 2);
    out.line.wroteTo(line + text.size());
    return true;
}

void appendInteger(RowText& out, std::int64_t value) {
    constexpr std::size_t most = 24; // copied as a whole: faster than as many as there are
    char* const line = out.line.room(most);
    char* const end = std::to_chars(line, line + most, value).ptr;
    const auto size = static_cast<std::size_t>(end - line);
    out.line.wroteTo(end);
    if (value > mostOfJavaScript || value < -mostOfJavaScript) return appendQuoted(out.json, {line, size});
    char* const json = out.json.room(most);
    std::memcpy(json, line, most);
    out.json.wroteTo(json + size);
}

// As SQLite prints it, with a point or an exponent, but with all digits that make the double what it is.
void appendReal(RowText& out, double value) {
    if (std::isinf(value)) return void(appendPlain(out, value < 0 ? "-Infinity" : "Infinity"));
    const double size = std::fabs(value);
    const bool isFixed = size == 0 || (size >= 1e-4 && size < 1e16);
    std::array<char, 40> digits;
    const auto form = isFixed ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, form).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out.append(text);
    if (isFixed && text.find('.') == std::string_view::npos) out.append(".0");
}

// A text of any bytes and length.
bool appendAnyText(RowText& out, std::string_view text, std::size_t most) {
    const auto append = [&](PiecedText& form, CellForm as) {
        out.scratch.clear();
        const std::size_t spent = out.size();
        if (spent > most || !appendEscaped(out.scratch, text, as, most - spent)) return false;
        form.adopt(std::move(out.scratch));
        return true;
    };
    out.json.append('"');
    if (!append(out.json, CellForm::json)) return false;
    out.json.append('"');
    return append(out.line, CellForm::line);
}

ValueType typeOf(int sqliteType) {
    switch (sqliteType) {
        case SQLITE_INTEGER: return ValueType::integer;
        case SQLITE_FLOAT: return ValueType::real;
        case SQLITE_TEXT: return ValueType::text;
        case SQLITE_BLOB: return ValueType::blob;
        default: return ValueType::null;
    }
}

} // namespace

bool appendEscaped(std::string& out, std::string_view text, CellForm form, std::size_t most) {
    if (text.size() > firstPieceBytes) out.reserve(out.size() + text.size() + 2);
    while (!text.empty()) {
        const std::string_view piece = firstPiece(text);
        text.remove_prefix(piece.size());
        appendPiece(out, piece, form);
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

ValueType Row::type(int column) const { return typeOf(sqlite3_column_type(statement_, column)); }

std::string_view Row::view(int column, ValueType type, std::size_t bytes) const {
    const auto* value = static_cast<const char*>(
        type == ValueType::blob ? sqlite3_column_blob(statement_, column)
                                : static_cast<const void*>(sqlite3_column_text(statement_, column)));
    if (!value && (type != ValueType::blob || bytes > 0)) throw SqlError("there is no memory for a value of the row");
    return {value ? value : "", bytes};
}

bool Row::appendText(RowText& out, std::string_view text, std::size_t most) const {
    return (text.size() <= firstPieceBytes && appendPlain(out, text)) || appendAnyText(out, text, most);
}

bool Row::append(RowText& out, int column, ValueType type, std::size_t most) const {
    const bool hasBytes = type == ValueType::text || type == ValueType::blob;
    // The size before the value: SQLite keeps zeroblob(N) as a number.
    const std::size_t bytes = hasBytes ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 1;
    if (out.size() + (type == ValueType::blob ? 4 : 2) * bytes > most) return false;
    switch (type) {
        case ValueType::null: out.json.append("null"), out.line.append("NULL"); break;
        case ValueType::integer: appendInteger(out, sqlite3_column_int64(statement_, column)); break;
        case ValueType::real: appendReal(out, sqlite3_column_double(statement_, column)); break;
        case ValueType::text: return appendText(out, view(column, type, bytes), most);
        case ValueType::blob: appendBlob(out, view(column, type, bytes)); break;
    }
    return true;
}

} // namespace gatehouse::sql
