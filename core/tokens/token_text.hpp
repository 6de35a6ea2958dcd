// What people type and read about tokens: lifetimes, ids, prefixes.
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <gatehouse/identity.hpp>

#include "tokens/token_entry.hpp"

namespace gatehouse {

// A new token's text: 32 random bytes, base64url with padding, 44 characters.
std::string newToken();
std::string newTokenId(); // "token-" and digits; two made at once differ

// "30d", "1y", "2w", "12h", "never" -> the time it ends, from `now`; or why it is none of these.
std::variant<WallTime, std::string> expiryFrom(std::string_view text, WallTime now);

// "2025-10-30 (365 days from now)", "... (12 hours from now)" below a day, or "Never"; in UTC.
std::string expiryWords(WallTime expiresAt, WallTime now);

// "token-1 expired at 2025-10-30 10:15:30 UTC", "token-1 was removed at ...": for a log.
std::string goneWords(const GoneToken& token);

// The first nine characters of the hash and "...".
std::string shortHash(std::string_view hex);

} // namespace gatehouse
