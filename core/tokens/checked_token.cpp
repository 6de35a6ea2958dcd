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

void eachCheckedToken(std::string_view text, std::string_view prefix,
                      const std::function<void(std::size_t at, std::string_view token)>& visit) {
    const std::size_t length = lengthOf(prefix);
    for (std::size_t at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1))
        if (const auto token = text.substr(at, length); isCheckedToken(token, prefix)) visit(at, token);
}

} // namespace gatehouse
