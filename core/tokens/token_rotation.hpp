// Rotation: a token gets another text, and stays what it is: id, scopes, limits, and the length of its life.
//
// The old text may stay valid for a while (the overlap); there are never more than two valid texts.
// Threads: any; nothing is kept.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "tokens/token_store.hpp"

namespace gatehouse {

inline constexpr std::chrono::hours maxOverlap{24 * 30};

struct Rotation {
    Sha256 fresh{};                                        // digest of the new text
    std::function<Sha256(const TokenEntry&)> freshOf = {}; // the same, where the text says what the token will be
    std::chrono::seconds overlap{0};                       // 0: the old text ends at once
    bool untilIdle = false;                                // the old text ends earlier once nobody uses it
    bool replaces = false;                                 // the text before the old one may end now
    std::optional<RequestMark> request = {};               // that asked for it
    std::optional<WallTime> expiresAt = {};                // absent: a life as long as before, from now
};

// The text before the last rotation is still valid, and would have to end.
class RotationInProgress : public TokenStoreError {
public:
    using TokenStoreError::TokenStoreError;
};

// The end of a life as long as the entry's, from now.
WallTime renewedLife(const TokenEntry& entry, WallTime now);
// Throws RotationInProgress; `entry` has not changed then.
void rotateText(TokenEntry& entry, const Rotation& rotation, WallTime now);
// Rotates the token of that id; one that has expired and is remembered comes back. False: there is none.
bool rotateToken(TokenStore& store, const std::string& id, const Rotation& rotation, WallTime now);

} // namespace gatehouse
