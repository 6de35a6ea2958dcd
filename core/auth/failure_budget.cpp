#include "auth/failure_budget.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse {

void FailureBudget::refill(Bucket& bucket) const {
    const SteadyTime now = clock_.steady();
    const double minutes = std::chrono::duration<double, std::ratio<60>>(now - bucket.at).count();
    bucket.left = std::min(options_.perMinute, bucket.left + minutes * options_.perMinute);
    bucket.at = now;
}

void FailureBudget::charge(const std::string& peer) {
    const auto found = byPeer_.find(peer);
    if (found == byPeer_.end()) {
        if (buckets_.size() >= options_.maxPeers) {
            byPeer_.erase(buckets_.back().peer);
            buckets_.pop_back();
        }
        buckets_.push_front({peer, options_.perMinute, clock_.steady()});
        byPeer_[peer] = buckets_.begin();
    } else {
        buckets_.splice(buckets_.begin(), buckets_, found->second);
        refill(buckets_.front());
    }
    buckets_.front().left -= 1;
}

std::optional<std::chrono::seconds> FailureBudget::wait(const std::string& peer) {
    const auto found = byPeer_.find(peer);
    if (found == byPeer_.end()) return std::nullopt;
    Bucket& bucket = *found->second;
    refill(bucket);
    if (bucket.left >= 1) return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(std::ceil((1 - bucket.left) * 60 / options_.perMinute)));
}

} // namespace gatehouse
