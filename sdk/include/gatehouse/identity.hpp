// Identity: what a validated token resolves to.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// A token that never expires.
inline constexpr WallTime never = WallTime::max();

struct Identity {
    std::string issuer;     // RFC 7519 4.1.1; "gatehouse" for tokens of our own store
    std::string subject;    // RFC 7519 4.1.2
    std::string clientId{}; // RFC 8693 4.3; empty when unknown
    std::string tokenId{};  // jti or the id in the token store; empty when unknown; never the token itself

    // What pools, sessions and stored state are bound to: an API token's id; for OAuth issuer + subject + client, so
    // that a refreshed token keeps them. Never empty: the host refuses an identity without one.
    std::string isolationKey;

    std::vector<std::string> scopes{};
    std::string claimsJson{}; // a JSON object with whatever else is known, or empty
    WallTime expiresAt = never;
};

} // namespace gatehouse
