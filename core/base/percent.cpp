#include "base/percent.hpp"

#include <gatehouse/ascii.hpp>

#include "base/hex_digit.hpp"

namespace gatehouse {

namespace {

void appendTriplet(std::string& out, char c) {
    static constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15]};
}

} // namespace

bool isUnreserved(char c) { return isAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

bool isReserved(char c) {
    return c != '\0' && std::string_view(":/?#[]@!$&'()*+,;=").find(c) != std::string_view::npos;
}

bool startsWithTriplet(std::string_view text) {
    return text.size() >= 3 && text[0] == '%' && hexValue(text[1]) >= 0 && hexValue(text[2]) >= 0;
}

char tripletByte(std::string_view text) { return static_cast<char>(hexValue(text[1]) * 16 + hexValue(text[2])); }

std::string percentEncoded(std::string_view bytes) {
    std::string out;
    for (const char c : bytes)
        if (isUnreserved(c)) out += c;
        else appendTriplet(out, c);
    return out;
}

std::string percentEncodedButReserved(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const char c = bytes[at];
        if (isUnreserved(c) || isReserved(c) || startsWithTriplet(bytes.substr(at))) out += c;
        else appendTriplet(out, c);
    }
    return out;
}

std::optional<std::string> percentDecoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') out += text[at];
        else if (!startsWithTriplet(text.substr(at))) return std::nullopt;
        else out += tripletByte(text.substr(at)), at += 2;
    }
    return out;
}

} // namespace gatehouse
