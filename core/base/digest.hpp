// SHA-256, hex and constant-time comparison.
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/host.hpp>

namespace gatehouse {

Sha256 sha256(std::string_view text);
std::string hex(const Sha256& digest);                          // 64 lower-case digits
std::optional<Sha256> digestFromHex(std::string_view hex);      // exactly 64 digits, either case
Sha256 hmacSha256(std::string_view key, std::string_view text); // RFC 2104
bool equalInConstantTime(const Sha256& a, const Sha256& b);

// For maps keyed by a digest: it is already evenly spread, and no caller can choose it.
struct DigestHash {
    std::size_t operator()(const Sha256& digest) const noexcept;
};

} // namespace gatehouse
