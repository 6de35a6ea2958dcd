#include "base/redact.hpp"

#include <cstdio>

#include <strings.h>

namespace gatehouse {

namespace {

bool isTokenChar(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '+' || c == '/' || c == '~';
}

// The word from `at`, with the padding that may end it.
std::string_view wordAt(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && isTokenChar(text[end])) ++end;
    while (end < text.size() && end > at && text[end] == '=') ++end;
    return text.substr(at, end - at);
}

bool looksLikeCredential(std::string_view word) {
    const std::size_t padding = word.size() - (word.find_last_not_of('=') + 1);
    const std::string_view body = word.substr(0, word.size() - padding);
    const bool plain = body.find_first_of("./+~") == std::string_view::npos;
    if (plain && body.size() == 43 && padding <= 1) return true;
    return body.size() > 20 && body.substr(0, 3) == "eyJ" && body.find('.') != std::string_view::npos;
}

bool followsScheme(std::string_view before) {
    constexpr std::string_view scheme = "bearer ";
    if (before.size() < scheme.size()) return false;
    return strncasecmp(before.data() + before.size() - scheme.size(), scheme.data(), scheme.size()) == 0;
}

// `before`: the byte in front, which tells a C1 control (U+0080 to U+009F) from the inside of another character.
void appendPrintable(std::string& out, char c, char before) {
    const auto byte = static_cast<unsigned char>(c);
    const bool isC1 = before == '\xC2' && byte >= 0x80 && byte < 0xA0;
    if (byte >= 0x20 && byte != 0x7F && !isC1) {
        out += c;
        return;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof(escaped), "\\x%02x", byte);
    out += escaped;
}

} // namespace

std::string redacted(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view word = wordAt(text, at);
        if (word.empty()) {
            appendPrintable(out, text[at], at > 0 ? text[at - 1] : ' ');
            ++at;
            continue;
        }
        const bool secret = looksLikeCredential(word) || followsScheme(text.substr(0, at));
        out.append(secret ? "<token>" : word);
        at += word.size();
    }
    return out;
}

} // namespace gatehouse
