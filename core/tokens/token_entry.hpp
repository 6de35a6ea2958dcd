// One API token as the store keeps it, a whole set of them, and what is known of one that has gone.
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

// A token that is in force no more, and why: for logs and `explain`. No TokenEntry, so that nothing that decides who
// may call can take one for a token.
struct GoneToken {
    enum class Why { expired, removed };
    Sha256 digest{};
    std::string id;
    std::string note;
    WallTime expiresAt = never;
    Why why = Why::removed;
    WallTime goneAt{}; // when it was taken out of the tokens
};

using GoneMap = std::unordered_map<Sha256, GoneToken, DigestHash>;

inline GoneToken goneFrom(const TokenEntry& entry, GoneToken::Why why, WallTime now) {
    GoneToken gone;
    gone.digest = entry.digest;
    gone.id = entry.record.id;
    gone.note = entry.record.note;
    gone.expiresAt = entry.record.expiresAt;
    gone.why = why;
    gone.goneAt = now;
    return gone;
}

inline bool isExpired(const TokenRecord& record, WallTime now) { return record.expiresAt <= now; }

} // namespace gatehouse
