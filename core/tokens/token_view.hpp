// A token as people and programs see it: never its text, nor a digest of it.
// Threads: any; nothing is kept.
#pragma once

#include <optional>
#include <string>

#include <gatehouse/json.hpp>

#include "tokens/token_entry.hpp"

namespace gatehouse {

// What was counted of a token's calls.
struct TokenUse {
    std::int64_t calls = 0;
    std::optional<WallTime> lastUsedAt = {};
    std::optional<WallTime> admittedAt = {}; // when a call last got through, to the day
    std::int64_t callsOfPrevious = 0;        // with the text before the last rotation, since that
    std::optional<WallTime> previousUsedAt = {};
};

// Members as docs/tokens.md has them; times are RFC 3339 in UTC, or null.
Json viewOf(const TokenEntry& entry, WallTime now, const TokenUse& use = {});
// An entity tag (RFC 9110 section 8.8.3): changes with what people can change, not with what changes by itself.
std::string tagOf(const TokenEntry& entry);
// Of one that is gone: status "expired" or "revoked".
Json viewOf(const GoneToken& gone, const TokenUse& use = {});

} // namespace gatehouse
