#include "base/redact.hpp"

#include <strings.h>

#include <gatehouse/ascii.hpp>

#include "base/shown_text.hpp"

namespace gatehouse {

namespace {

bool isWordChar(char c) { return isAlphanumeric(c) || c == '-' || c == '_'; }

std::size_t runLength(std::string_view text, bool (*belongs)(char)) {
    std::size_t length = 0;
    while (length < text.size() && belongs(text[length])) ++length;
    return length;
}

// A prefix, '_' and 40 letters and digits (tokens/checked_token.hpp), whatever stands before it.
bool isCheckedToken(std::string_view word) {
    constexpr std::size_t body = 40;
    return word.size() > body + 1 && word[word.size() - body - 1] == '_' &&
           runLength(word.substr(word.size() - body), isAlphanumeric) == body;
}

// How much of `text`, which begins with a word of `length`, is a credential by its looks; 0: none of it.
std::size_t credentialLength(std::string_view text, std::size_t length) {
    if (length == 43) return length + (length < text.size() && text[length] == '=' ? 1 : 0);
    if (isCheckedToken(text.substr(0, length))) return length;
    const bool jws = text.substr(0, 3) == "eyJ" && length < text.size() && text[length] == '.' && length > 10;
    return jws ? runLength(text, [](char c) { return isWordChar(c) || c == '.'; }) : 0;
}

bool isScheme(std::string_view word) {
    constexpr std::string_view scheme = "bearer";
    return word.size() == scheme.size() && strncasecmp(word.data(), scheme.data(), scheme.size()) == 0;
}

bool isBlank(char c) { return c == ' ' || c == '\t'; }
bool isPartOfSecret(char c) { return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '\'' && c != ','; }

} // namespace

std::string withoutTokens(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const auto copy = [&](std::size_t from, std::size_t count) { out.append(text.substr(from, count)); };
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        const std::size_t word = runLength(rest, isWordChar);
        const std::size_t secret = credentialLength(rest, word);
        if (secret > 0) {
            out += "<token>";
            at += secret;
            continue;
        }
        const std::size_t taken = word > 0 ? word : 1;
        copy(at, taken);
        at += taken;
        if (!isScheme(rest.substr(0, word))) continue;
        const std::size_t blanks = runLength(text.substr(at), isBlank);
        const std::size_t hidden = blanks > 0 ? runLength(text.substr(at + blanks), isPartOfSecret) : 0;
        copy(at, blanks);
        if (hidden > 0) out += "<token>";
        at += blanks + hidden;
    }
    return out;
}

std::string redacted(std::string_view text) { return shownText(withoutTokens(text)); }

} // namespace gatehouse
