#include "auth/revocations.hpp"

#include <algorithm>

namespace gatehouse {

void Revocations::note(std::string name) {
    kept_.push_back({generation_, std::move(name)});
    if (kept_.size() <= maxKept) return;
    forgottenUpTo_ = kept_.front().generation;
    kept_.pop_front();
}

bool Revocations::revokedSince(std::uint64_t generation, const Identity& identity) const {
    if (generation == generation_) return false;
    if (generation < forgottenUpTo_) return true; // too long ago to know: refuse
    return std::any_of(kept_.begin(), kept_.end(), [&](const Revocation& revoked) {
        const bool later = revoked.generation > generation;
        const bool named =
            revoked.name.empty() || revoked.name == identity.tokenId || revoked.name == identity.isolationKey;
        return later && named;
    });
}

} // namespace gatehouse
