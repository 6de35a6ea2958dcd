#include "fetch/reach.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <netinet/in.h>

namespace gatehouse {

namespace {

struct Range4 {
    std::uint32_t network;
    int bits;
};
constexpr std::uint32_t at(unsigned a, unsigned b, unsigned c = 0, unsigned d = 0) {
    return a << 24 | b << 16 | c << 8 | d;
}

// IANA's registry of special addresses.
constexpr std::array<Range4, 16> special4{{{at(0, 0), 8},
                                           {at(10, 0), 8},
                                           {at(100, 64), 10},
                                           {at(127, 0), 8},
                                           {at(169, 254), 16},
                                           {at(172, 16), 12},
                                           {at(192, 0, 0), 24},
                                           {at(192, 0, 2), 24},
                                           {at(192, 31, 196), 24},
                                           {at(192, 88, 99), 24},
                                           {at(192, 168), 16},
                                           {at(198, 18), 15},
                                           {at(198, 51, 100), 24},
                                           {at(203, 0, 113), 24},
                                           {at(224, 0), 4},
                                           {at(240, 0), 4}}};

bool isPublic4(std::uint32_t address) {
    return std::none_of(special4.begin(), special4.end(),
                        [&](const Range4& range) { return (address ^ range.network) >> (32 - range.bits) == 0; });
}

using Bytes = std::array<std::uint8_t, 16>;

std::uint32_t fourFrom(const Bytes& bytes, std::size_t offset) {
    return at(bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]);
}

bool startsWith(const Bytes& bytes, std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool isPublic6(const Bytes& bytes) {
    if (startsWith(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return isPublic4(fourFrom(bytes, 12)); // mapped
    if (startsWith(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))
        return isPublic4(fourFrom(bytes, 12));                                 // NAT64
    if (startsWith(bytes, {0x20, 0x02})) return isPublic4(fourFrom(bytes, 2)); // 6to4
    if (startsWith(bytes, {0x20, 0x01, 0x00}) || startsWith(bytes, {0x20, 0x01, 0x01}))
        return false; // Teredo and others
    if (startsWith(bytes, {0x20, 0x01, 0x0D, 0xB8}) || startsWith(bytes, {0x3F, 0xFF})) return false; // documentation
    return (bytes[0] & 0xE0) == 0x20; // 2000::/3 is all that is global
}

} // namespace

bool isPublic(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &address, sizeof(four));
        return isPublic4(ntohl(four.sin_addr.s_addr));
    }
    if (address.sa_family != AF_INET6) return false;
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof(six));
    Bytes bytes{};
    std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
    return isPublic6(bytes);
}

} // namespace gatehouse
