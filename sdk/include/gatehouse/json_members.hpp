// Looking into JSON text that is known to be valid (such as a call's arguments) without building a tree of it.
//
// Threads: any; nothing is kept. On text that is not valid JSON the results mean nothing, but nothing is read beyond
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

namespace detail {

inline bool isJsonSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

inline std::string_view withoutSpace(std::string_view text) {
    while (!text.empty() && isJsonSpace(text.front())) text.remove_prefix(1);
    return text;
}

// The length of the string that `text` begins with, quotes included.
inline std::size_t jsonStringLength(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '"') return i + 1;
    }
    return text.size();
}

inline void appendUtf8(std::string& out, std::uint32_t point) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) return put(point);
    if (point < 0x800) return put(0xC0 | point >> 6), put(0x80 | (point & 0x3F));
    if (point < 0x10000) return put(0xE0 | point >> 12), put(0x80 | (point >> 6 & 0x3F)), put(0x80 | (point & 0x3F));
    put(0xF0 | point >> 18), put(0x80 | (point >> 12 & 0x3F)), put(0x80 | (point >> 6 & 0x3F)),
        put(0x80 | (point & 0x3F));
}

inline std::uint32_t hexValue(std::string_view digits) {
    std::uint32_t value = 0;
    for (const char c : digits)
        value = value * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    return value;
}

// The code point of the \u escape at `at`, a surrogate pair as one; `at` moves behind it.
inline std::uint32_t unicodeEscape(std::string_view text, std::size_t& at) {
    std::uint32_t point = hexValue(text.substr(at + 2, 4));
    at += 6;
    const bool high = point >= 0xD800 && point < 0xDC00;
    if (!high || text.substr(at, 2) != "\\u") return point >= 0xD800 && point < 0xE000 ? 0xFFFD : point;
    const std::uint32_t low = hexValue(text.substr(at + 2, 4));
    if (low < 0xDC00 || low > 0xDFFF) return 0xFFFD;
    at += 6;
    return 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
}

} // namespace detail

// The length of the JSON value that `text` begins with.
inline std::size_t jsonValueLength(std::string_view text) {
    if (text.empty()) return 0;
    if (text[0] == '"') return detail::jsonStringLength(text);
    if (text[0] != '{' && text[0] != '[') {
        std::size_t end = 0;
        while (end < text.size() && !detail::isJsonSpace(text[end]) && text[end] != ',' && text[end] != '}' &&
               text[end] != ']')
            ++end;
        return end;
    }
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') i += detail::jsonStringLength(text.substr(i)) - 1;
        else if (c == '{' || c == '[') ++depth;
        else if ((c == '}' || c == ']') && --depth == 0) return i + 1;
    }
    return text.size();
}

// The text of a JSON string, given with its quotes.
inline std::string decodedJsonString(std::string_view quoted) {
    const std::string_view text = quoted.substr(1, quoted.size() < 2 ? 0 : quoted.size() - 2);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t escape = text.find('\\', at);
        out.append(text.substr(at, escape - at));
        if (escape == std::string_view::npos || escape + 1 >= text.size()) break;
        at = escape;
        const char kind = text[at + 1];
        if (kind == 'u') {
            detail::appendUtf8(out, detail::unicodeEscape(text, at));
            continue;
        }
        constexpr std::string_view letters = "bfnrt";
        constexpr std::string_view controls = "\b\f\n\r\t";
        const std::size_t letter = letters.find(kind);
        out += letter == std::string_view::npos ? kind : controls[letter];
        at += 2;
    }
    return out;
}

// The members of a JSON object, in the order of the text.
class JsonMembers {
public:
    struct Member {
        std::string_view name;  // with its quotes, not decoded; empty after the last
        std::string_view value; // as it stands
    };
    // `object` begins with '{'; what follows the matching '}' is not looked at.
    explicit JsonMembers(std::string_view object) : rest_(object.empty() ? object : object.substr(1)) {}

    Member next() {
        rest_ = detail::withoutSpace(rest_);
        if (!rest_.empty() && rest_.front() == ',') rest_ = detail::withoutSpace(rest_.substr(1));
        if (rest_.empty() || rest_.front() != '"') return {};
        Member member;
        member.name = taken(detail::jsonStringLength(rest_));
        rest_ = detail::withoutSpace(rest_);
        if (!rest_.empty()) rest_ = detail::withoutSpace(rest_.substr(1)); // the colon
        member.value = taken(jsonValueLength(rest_));
        return member;
    }

private:
    std::string_view taken(std::size_t length) {
        const std::string_view part = rest_.substr(0, length);
        rest_.remove_prefix(part.size());
        return part;
    }
    std::string_view rest_;
};

// The member `name` of an object as it stands; empty when it is absent.
inline std::string_view jsonMember(std::string_view object, std::string_view name) {
    JsonMembers members(object);
    for (auto member = members.next(); !member.name.empty(); member = members.next()) {
        const std::string_view bare = member.name.substr(1, member.name.size() - 2);
        const bool same =
            bare.find('\\') == std::string_view::npos ? bare == name : decodedJsonString(member.name) == name;
        if (same) return member.value;
    }
    return {};
}

// The string member `name` of an object; nothing when it is absent or no string.
inline std::optional<std::string> jsonTextMember(std::string_view object, std::string_view name) {
    const std::string_view value = jsonMember(object, name);
    if (value.empty() || value.front() != '"') return std::nullopt;
    return decodedJsonString(value);
}

} // namespace gatehouse
