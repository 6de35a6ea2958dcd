// Appending JSON to a string, for answers that are written once and never read again.
//
// RFC 8259 section 7: quotes, backslashes and control characters are escaped. Bytes that are not UTF-8 are replaced
// by U+FFFD, so what is appended is always valid JSON, and safe to show on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <gatehouse/append_pieces.hpp>

namespace gatehouse {

namespace detail {

// Length of the UTF-8 sequence at `text[at]` (RFC 3629), 0 when it is none.
inline std::size_t utf8Length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const auto follows = [&](std::size_t i, unsigned low, unsigned high) {
        return at + i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned high = first == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

inline void appendEscape(std::string& out, unsigned char c) {
    static const char* const digits = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    out += "\\u00";
    out += digits[c >> 4];
    out += digits[c & 15];
}

constexpr bool isPlainInJson(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

// Of a text that is not plain.
inline void appendEscaped(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plainFrom = 0;
    // C1 controls (U+0080 to U+009F) are valid in JSON, but a terminal may obey them.
    const auto isC1 = [&](std::size_t i) {
        return text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    };
    const auto flush = [&](std::size_t to) { out.append(text.data() + plainFrom, to - plainFrom); };
    for (std::size_t i = 0; i < text.size();) {
        if (isPlainInJson(text[i])) {
            ++i;
            continue;
        }
        const std::size_t length = utf8Length(text, i);
        if (length == 2 && isC1(i)) {
            flush(i);
            appendEscape(out, static_cast<unsigned char>(text[i + 1]));
            plainFrom = i += 2;
            continue;
        }
        if (length > 1) {
            i += length;
            continue;
        }
        flush(i);
        if (length == 0) out += "\xEF\xBF\xBD";
        else appendEscape(out, static_cast<unsigned char>(text[i]));
        plainFrom = ++i;
    }
    flush(text.size());
    out += '"';
}

} // namespace detail

// What needs no escape, which is most of every text.
inline bool isPlainInJson(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && detail::isPlainInJson(text[at])) ++at;
    return at == text.size();
}

// Appends a member of an object. `begin` is what stands before its value: `{"name":` or `,"name":`.
template <class Begin>
void appendJsonMember(std::string& out, const Begin& begin, std::string_view text) {
    if (isPlainInJson(text)) return appendPieces(out, begin, "\"", text, "\"");
    appendPieces(out, begin);
    detail::appendEscaped(out, text);
}

// Appends `text` as a JSON string with its quotes.
inline void appendJsonString(std::string& out, std::string_view text) { appendJsonMember(out, "", text); }

} // namespace gatehouse
