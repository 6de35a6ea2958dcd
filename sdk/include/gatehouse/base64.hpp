// base64 both ways, read strictly: each byte string has exactly one spelling, so no text passes that we would not
// write.
//
// RFC 4648: section 4 (alphabet with + and /, always padded) and section 5 (alphabet with - and _, never padded). White
// space, foreign letters, missing or extra padding and bits left over that are not zero are refused.
// The result is 4/3 or 3/4 as long as the text; callers bound the text. Threads: any; nothing is kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

namespace detail {

inline constexpr std::string_view base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view base64UrlLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
inline constexpr std::uint8_t foreignLetter = 64;

using Base64Values = std::array<std::uint8_t, 256>; // letter -> its six bits, or `foreignLetter`

constexpr Base64Values base64ValuesOf(std::string_view alphabet) {
    Base64Values values{};
    for (std::uint8_t& value : values) value = foreignLetter;
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

inline constexpr Base64Values base64Values = base64ValuesOf(base64Letters);
inline constexpr Base64Values base64UrlValues = base64ValuesOf(base64UrlLetters);

inline std::string writtenBase64(std::string_view bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    int count = 0; // bits that wait to be written
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6) text += alphabet[bits >> (count - 6) & 63];
    }
    if (count > 0) text += alphabet[bits << (6 - count) & 63];
    return text;
}

// `text` is without padding.
inline std::optional<std::string> readBase64(std::string_view text, const Base64Values& values) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes(text.size() * 3 / 4, '\0');
    char* out = bytes.data();
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        if (value == foreignLetter) return std::nullopt;
        bits = bits << 6 | value;
        if ((count += 6) < 8) continue;
        count -= 8;
        *out++ = static_cast<char>(bits >> count & 255);
    }
    if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

} // namespace detail

inline std::string base64(std::string_view bytes) {
    std::string text = detail::writtenBase64(bytes, detail::base64Letters);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

inline std::string base64Url(std::string_view bytes) { return detail::writtenBase64(bytes, detail::base64UrlLetters); }

// Nothing when the text is not what the functions above write.
inline std::optional<std::string> fromBase64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.remove_suffix(1);
    return detail::readBase64(text, detail::base64Values);
}

inline std::optional<std::string> fromBase64Url(std::string_view text) {
    return detail::readBase64(text, detail::base64UrlValues);
}

} // namespace gatehouse
