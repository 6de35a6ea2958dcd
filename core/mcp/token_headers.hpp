// What an answer tells of the token of our own store that it was made for: how long it lives and how often it may call.
// Threads: any; nothing is kept.
#pragma once

#include <chrono>
#include <string>

#include "auth/call_limits.hpp"
#include "base/clock.hpp"
#include "base/outcome.hpp"
#include "mcp/message/wire.hpp"

namespace gatehouse::mcp {

// Whether the older X-RateLimit-* stand beside RateLimit and RateLimit-Policy.
enum class LimitHeaders { standard, withLegacy };

// Gatehouse-Token-Expires, in the last seven days of the token or of its text; else nothing.
void appendExpiryHeader(std::string& out, WallTime expiresAt, WallTime now);
// draft-ietf-httpapi-ratelimit-headers-10; nothing for a token without a limit. X-RateLimit-Reset is a Unix time.
void appendLimitHeaders(std::string& out, const LimitState& state, WallTime now, LimitHeaders kind);
// What a call is answered with that its token's limits keep from being made, and how that is counted.
struct LimitFailure {
    RpcError error;
    std::string_view reason; // in one word
    Outcome outcome = Outcome::limited;
};
// 429 (RFC 6585 section 4) with Retry-After (RFC 9110 section 10.2.3); 403 when no more will ever pass; 503 when the
// limits cannot be looked at.
LimitFailure failureOf(const LimitRefusal& refusal);

} // namespace gatehouse::mcp
