#include "tokens/recent_matches.hpp"

#include <algorithm>

#include "tokens/token_family.hpp"

namespace gatehouse {

void RecentMatches::keep(const Sha256& digest, const TokenMatch& match) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= most && kept_.count(digest) == 0) kept_.erase(kept_.begin());
    kept_[digest] = {match.entry, match.parents};
}

std::optional<TokenMatch> RecentMatches::find(const Sha256& digest, WallTime now) const {
    Kept kept;
    {
        const std::lock_guard lock(mutex_);
        const auto found = kept_.find(digest);
        if (found == kept_.end()) return std::nullopt;
        kept = found->second;
    }
    const auto parent = [&](const std::string& id) -> std::shared_ptr<const TokenEntry> {
        const auto at = std::find_if(kept.parents.begin(), kept.parents.end(),
                                     [&](const auto& entry) { return entry->record.id == id; });
        return at == kept.parents.end() ? nullptr : *at;
    };
    TokenMatchResult match = matchOf(kept.entry, digest, parent, now);
    auto* token = std::get_if<TokenMatch>(&match);
    return token ? std::optional(std::move(*token)) : std::nullopt;
}

std::vector<Sha256> RecentMatches::named(const std::vector<std::string>& ids, bool all) const {
    const auto isNamed = [&](const auto& entry) {
        return std::find(ids.begin(), ids.end(), entry->record.id) != ids.end();
    };
    std::vector<Sha256> out;
    const std::lock_guard lock(mutex_);
    for (const auto& [digest, kept] : kept_)
        if (all || isNamed(kept.entry) || std::any_of(kept.parents.begin(), kept.parents.end(), isNamed))
            out.push_back(digest);
    return out;
}

void RecentMatches::renew(const std::vector<std::string>& ids, bool all, const Again& again) {
    for (const Sha256& digest : named(ids, all)) {
        if (const auto match = again(digest)) {
            keep(digest, *match);
            continue;
        }
        const std::lock_guard lock(mutex_);
        kept_.erase(digest);
    }
}

void RecentMatches::clear() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
}

} // namespace gatehouse
