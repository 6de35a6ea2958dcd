// Network addresses in one canonical form, so that limits and allow-lists see one address for one peer.
// Threads: any; nothing is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

// Without port, brackets and zone; an IPv4-mapped IPv6 address as IPv4; nothing when it is no address.
std::optional<std::string> canonicalAddress(std::string_view text);
bool isLoopback(std::string_view canonical);

// "10.0.0.0/8", "::1" ...
class AddressRange {
public:
    static std::optional<AddressRange> parse(std::string_view text);
    bool contains(std::string_view canonical) const;

private:
    std::string bytes_; // 4 or 16
    unsigned bits_ = 0;
};

} // namespace gatehouse
