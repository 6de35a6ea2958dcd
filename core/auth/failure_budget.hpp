// FailureBudget: how many refused tokens that cost something (a signature, the network) one address may show.
//
// A bucket for each peer that refills steadily; empty means 429 before the validator is asked again. A peer is an IPv4
// address or the /64 of an IPv6 address, which is what one subscriber gets (RFC 6177). The number of peers kept is
// bounded: at the limit the one that was longest without a failure is forgotten.
//
// Threads: one (the loop's).
#pragma once

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace gatehouse {

struct FailureBudgetOptions {
    double perMinute = 600;
    std::size_t maxPeers = 10'000;
};

class FailureBudget {
public:
    FailureBudget(FailureBudgetOptions options, const Clock& clock) : options_(options), clock_(clock) {}

    void charge(std::string_view peer);
    // Nothing while there is budget; else how long until there is some.
    std::optional<std::chrono::seconds> wait(std::string_view peer);

private:
    struct Bucket {
        std::string peer;
        double left = 0;
        SteadyTime at{};
    };
    using Buckets = std::list<Bucket>; // front: the latest failure
    void refill(Bucket& bucket) const;

    const FailureBudgetOptions options_;
    const Clock& clock_;
    Buckets buckets_;
    std::unordered_map<std::string, Buckets::iterator> byPeer_;
};

} // namespace gatehouse
