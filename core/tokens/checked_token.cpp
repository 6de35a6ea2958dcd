#include "tokens/checked_token.hpp"

#include <algorithm>

#include <zlib.h>
#include <gatehouse/ascii.hpp>

#include "base/random.hpp"

namespace gatehouse {

namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t randomDigits = 34;
constexpr std::size_t sumDigits = 6;

// Each digit as likely as any other: bytes beyond the last whole multiple of 62 are thrown away.
std::string randomBase62(std::size_t count) {
    constexpr unsigned char fair = 256 / 62 * 62;
    std::string out;
    while (out.size() < count)
        for (const char c : randomBytes(2 * count))
            if (const auto byte = static_cast<unsigned char>(c); byte < fair && out.size() < count)
                out += digits[byte % digits.size()];
    return out;
}

std::string sumOf(std::string_view text) {
    auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
    std::string out(sumDigits, digits[0]);
    for (auto at = out.rbegin(); at != out.rend(); ++at, sum /= digits.size()) *at = digits[sum % digits.size()];
    return out;
}

std::size_t lengthOf(std::string_view prefix) { return prefix.size() + randomDigits + sumDigits; }

} // namespace

std::string newCheckedToken(std::string_view prefix) {
    std::string text(prefix);
    text += randomBase62(randomDigits);
    return text + sumOf(text);
}

bool isCheckedToken(std::string_view text, std::string_view prefix) {
    if (text.size() != lengthOf(prefix) || text.substr(0, prefix.size()) != prefix) return false;
    const auto body = text.substr(prefix.size());
    return std::all_of(body.begin(), body.end(), [](char c) { return isAlphanumeric(c); }) &&
           sumOf(text.substr(0, text.size() - sumDigits)) == text.substr(text.size() - sumDigits);
}

bool isForgedToken(std::string_view text, std::string_view prefix) {
    return !prefix.empty() && text.substr(0, prefix.size()) == prefix && !isCheckedToken(text, prefix);
}

bool isTokenPrefix(std::string_view text) {
    const bool fits = text.size() >= 2 && text.size() <= maxTokenPrefix && text.back() == '_';
    return fits && std::all_of(text.begin(), text.end() - 1, [](char c) { return isAlphanumeric(c); });
}

namespace {

bool isWordChar(char c) { return isAlphanumeric(c) || c == '-' || c == '_'; }

// 43 characters of base64url and '=', with no further one before.
void eachPlainToken(std::string_view text, const TokenVisitor& visit) {
    constexpr std::size_t word = 43;
    for (std::size_t end = text.find('='); end != std::string_view::npos; end = text.find('=', end + 1)) {
        std::size_t length = 0;
        while (length <= word && length < end && isWordChar(text[end - length - 1])) ++length;
        if (length == word) visit(end - word, text.substr(end - word, word + 1));
    }
}

// Three parts of base64url, of which the first begins as the JSON of a header does.
void eachJws(std::string_view text, const TokenVisitor& visit) {
    for (std::size_t at = text.find("eyJ"); at != std::string_view::npos; at = text.find("eyJ", at + 1)) {
        if (at > 0 && (isWordChar(text[at - 1]) || text[at - 1] == '.')) continue;
        std::size_t end = at;
        while (end < text.size() && (isWordChar(text[end]) || text[end] == '.')) ++end;
        while (text[end - 1] == '.') --end; // of a sentence
        const std::string_view token = text.substr(at, end - at);
        if (std::count(token.begin(), token.end(), '.') == 2) visit(at, token);
        at = end - 1;
    }
}

} // namespace

void eachLikelyToken(std::string_view text, const TokenVisitor& visit) {
    eachPlainToken(text, visit);
    eachJws(text, visit);
}

void eachCheckedToken(std::string_view text, std::string_view prefix, const TokenVisitor& visit) {
    const std::size_t length = lengthOf(prefix);
    for (std::size_t at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1))
        if (const auto token = text.substr(at, length); isCheckedToken(token, prefix)) visit(at, token);
}

} // namespace gatehouse
