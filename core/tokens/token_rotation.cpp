#include "tokens/token_rotation.hpp"

#include <algorithm>

namespace gatehouse {

WallTime renewedLife(const TokenEntry& entry, WallTime now) {
    if (entry.record.expiresAt == never) return never;
    return now + (entry.record.expiresAt - entry.rotatedAt.value_or(entry.record.createdAt));
}

// The old text ends with the life that it had.
void rotateText(TokenEntry& entry, const Rotation& rotation, WallTime now) {
    const bool hasTwo = entry.previous && entry.previous->validUntil > now;
    if (hasTwo && !rotation.replaces)
        throw RotationInProgress(entry.record.id +
                                 ": the text before the last rotation is valid until it ends, or \"replace\" is said");
    const WallTime oldUntil = std::min<WallTime>(entry.record.expiresAt, now + rotation.overlap);
    entry.previous.reset();
    if (oldUntil > now)
        entry.previous = PreviousText{.digest = entry.digest, .validUntil = oldUntil, .untilIdle = rotation.untilIdle};
    entry.record.expiresAt = rotation.expiresAt.value_or(renewedLife(entry, now));
    entry.rotatedAt = now;
    if (rotation.request) entry.request = rotation.request;
    ++entry.generation;
    entry.digest = rotation.freshOf ? rotation.freshOf(entry) : rotation.fresh;
}

bool rotateToken(TokenStore& store, const std::string& id, const Rotation& rotation, WallTime now) {
    const auto rotate = [&](TokenEntry& entry) { rotateText(entry, rotation, now); };
    return store.change(id, rotate) || store.revive(id, rotate);
}

} // namespace gatehouse
