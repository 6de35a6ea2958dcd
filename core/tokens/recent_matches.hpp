// RecentMatches: the tokens that a store was asked about lately, so that what hangs on one of them can be judged anew
// without asking again. Bounded: of more than `most` any one goes.
// Threads: any.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tokens/token_store.hpp"

namespace gatehouse {

class RecentMatches {
public:
    static constexpr std::size_t most = 20'000;

    void keep(const Sha256& digest, const TokenMatch& match);
    std::optional<TokenMatch> find(const Sha256& digest, WallTime now) const;
    // Those of the tokens of `ids`, or derived from them, as `again` finds them now; nothing: it is kept no longer.
    // `all`: every one.
    using Again = std::function<std::optional<TokenMatch>(const Sha256&)>;
    void renew(const std::vector<std::string>& ids, bool all, const Again& again);
    void clear();

private:
    struct Kept {
        std::shared_ptr<const TokenEntry> entry;
        std::vector<std::shared_ptr<const TokenEntry>> parents;
    };
    std::vector<Sha256> named(const std::vector<std::string>& ids, bool all) const;

    mutable std::mutex mutex_; // guards what is kept
    std::unordered_map<Sha256, Kept, DigestHash> kept_;
};

} // namespace gatehouse
