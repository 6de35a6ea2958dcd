// Revocations: which tokens and identities were revoked since a request began. A verdict that was asked for before a
// revocation and comes after it is neither kept nor, when it is the revoked one, followed.
//
// Bounded: what is older than the last `maxKept` revocations counts as revoked.
// Threads: one (the loop's).
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include <gatehouse/identity.hpp>

namespace gatehouse {

class Revocations {
public:
    static constexpr std::size_t maxKept = 1024;

    // Grows with each change of what is valid.
    std::uint64_t generation() const { return generation_; }
    // Something changed; what was asked for before is not kept.
    void beginGeneration() { ++generation_; }
    // A token id or an isolation key of the generation that has begun; empty: everything.
    void note(std::string name);
    bool revokedSince(std::uint64_t generation, const Identity& identity) const;

private:
    struct Revocation {
        std::uint64_t generation = 0;
        std::string name;
    };
    std::uint64_t generation_ = 1;
    std::deque<Revocation> kept_;
    std::uint64_t forgottenUpTo_ = 0;
};

} // namespace gatehouse
