#include "auth/failure_budget.hpp"

#include <algorithm>
#include <cmath>

#include <arpa/inet.h>

namespace gatehouse {

namespace {

// What counts as one peer.
std::string peerOf(std::string_view address) {
    std::string text(address);
    in6_addr six{};
    if (::inet_pton(AF_INET6, text.c_str(), &six) != 1 || IN6_IS_ADDR_V4MAPPED(&six)) return text;
    return std::string(reinterpret_cast<const char*>(six.s6_addr), 8);
}

} // namespace

void FailureBudget::refill(Bucket& bucket) const {
    const SteadyTime now = clock_.steady();
    const double minutes = std::chrono::duration<double, std::ratio<60>>(now - bucket.at).count();
    bucket.left = std::min(options_.perMinute, bucket.left + minutes * options_.perMinute);
    bucket.at = now;
}

void FailureBudget::charge(std::string_view address) {
    const std::string peer = peerOf(address);
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

std::optional<std::chrono::seconds> FailureBudget::wait(std::string_view address) {
    const auto found = byPeer_.find(peerOf(address));
    if (found == byPeer_.end()) return std::nullopt;
    Bucket& bucket = *found->second;
    refill(bucket);
    if (bucket.left >= 1) return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(std::ceil((1 - bucket.left) * 60 / options_.perMinute)));
}

} // namespace gatehouse
