#include "base/base64.hpp"

#include <array>
#include <cstdint>

namespace gatehouse {

namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view forUrls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t foreign = 64;

using Values = std::array<std::uint8_t, 256>; // letter -> its six bits, or `foreign`

constexpr Values valuesOf(std::string_view alphabet) {
    Values values{};
    for (std::uint8_t& value : values) value = foreign;
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

constexpr Values standardValues = valuesOf(standard);
constexpr Values urlValues = valuesOf(forUrls);

std::string written(std::string_view bytes, std::string_view alphabet) {
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
std::optional<std::string> read(std::string_view text, const Values& values) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        if (value == foreign) return std::nullopt;
        bits = bits << 6 | value;
        if ((count += 6) < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 255);
    }
    if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

} // namespace

std::string base64(std::string_view bytes) {
    std::string text = written(bytes, standard);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::string base64Url(std::string_view bytes) { return written(bytes, forUrls); }

std::optional<std::string> fromBase64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.remove_suffix(1);
    return read(text, standardValues);
}

std::optional<std::string> fromBase64Url(std::string_view text) { return read(text, urlValues); }

} // namespace gatehouse
