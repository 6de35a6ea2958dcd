// One API token as the store keeps it, and a whole set of them.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.hpp"

namespace gatehouse {

struct TokenEntry {
    TokenRecord record;
    Sha256 digest{}; // SHA-256 of the token's text
};

using TokenMap = std::unordered_map<Sha256, TokenEntry, DigestHash>;

inline constexpr std::size_t maxFileTokens = 10'000; // of a token file

inline bool isExpired(const TokenRecord& record, WallTime now) { return record.expiresAt <= now; }

} // namespace gatehouse
