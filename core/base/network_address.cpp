#include "base/network_address.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>

namespace gatehouse {

namespace {

constexpr std::string_view mappedPrefix{"\0\0\0\0\0\0\0\0\0\0\xff\xff", 12};

// The bytes of an address: 4 for IPv4 and IPv4-mapped IPv6, 16 for IPv6, none otherwise.
std::string addressBytes(std::string_view text) {
    std::array<char, 16> bytes{};
    if (inet_pton(AF_INET, std::string(text).c_str(), bytes.data()) == 1) return {bytes.data(), 4};
    const std::string withoutZone(text.substr(0, text.find('%'))); // fe80::1%eth0, RFC 4007 11
    if (inet_pton(AF_INET6, withoutZone.c_str(), bytes.data()) != 1) return {};
    const std::string all(bytes.data(), 16);
    return std::string_view(all).substr(0, 12) == mappedPrefix ? all.substr(12) : all;
}

std::string_view withoutPort(std::string_view text) {
    if (!text.empty() && text.front() == '[') return text.substr(1, text.find(']') - 1);
    const bool hasPort = std::count(text.begin(), text.end(), ':') == 1;
    return hasPort ? text.substr(0, text.find(':')) : text;
}

// Without the blanks around it (OWS of RFC 9110 5.6.3).
std::string_view withoutBlanks(std::string_view text) {
    const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

} // namespace

std::optional<std::string> canonicalAddress(std::string_view text) {
    const std::string bytes = addressBytes(withoutPort(withoutBlanks(text)));
    if (bytes.empty()) return std::nullopt;
    std::array<char, INET6_ADDRSTRLEN> out{};
    inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), out.data(), out.size());
    return std::string(out.data());
}

bool isLoopback(std::string_view canonical) {
    const std::string bytes = addressBytes(canonical);
    return (bytes.size() == 4 && bytes[0] == 127) || (bytes.size() == 16 && canonical == "::1");
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    AddressRange range;
    range.bytes_ = addressBytes(text.substr(0, slash));
    if (range.bytes_.empty()) return std::nullopt;
    const auto most = static_cast<unsigned>(range.bytes_.size() * 8);
    range.bits_ = most;
    if (slash == std::string_view::npos) return range;
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), range.bits_);
    if (error != std::errc() || end != digits.data() + digits.size() || range.bits_ > most) return std::nullopt;
    return range;
}

bool AddressRange::contains(std::string_view canonical) const {
    const std::string other = addressBytes(canonical);
    if (other.size() != bytes_.size()) return false;
    for (unsigned bit = 0; bit < bits_; ++bit) {
        const unsigned mask = 0x80u >> (bit % 8);
        if ((static_cast<unsigned char>(other[bit / 8]) & mask) != (static_cast<unsigned char>(bytes_[bit / 8]) & mask))
            return false;
    }
    return true;
}

} // namespace gatehouse
