// VerdictCache: verdicts that their validator lets us keep, each for exactly the requests it names.
//
// The key is the token's digest and what the policy narrows it by. Accepts and rejects are kept apart, each bounded: at
// the limit the oldest goes. Nothing is kept past the policy's time, nor past the identity's own expiry.
//
// Threads: one (the loop's). Tested by tests/unit/auth/verdict_cache_test.cpp.
#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <gatehouse/verdict.hpp>

#include "auth/caller.hpp"
#include "base/clock.hpp"
#include "base/digest.hpp"

namespace gatehouse {

struct VerdictCacheOptions {
    std::size_t maxAccepts = 100'000;
    std::size_t maxRejects = 10'000;
};

// What a key may be made of.
struct CacheSubject {
    const Sha256& tokenDigest;
    std::string_view peer;
    std::string_view certificate;
};

class VerdictCache {
public:
    VerdictCache(VerdictCacheOptions options, const Clock& clock)
        : accepts_(options.maxAccepts), rejects_(options.maxRejects), clock_(clock) {}

    // Null when nothing is known.
    CallerPtr accepted(const CacheSubject& subject);
    std::optional<Rejected::Reason> rejected(const CacheSubject& subject);

    void keep(const CacheSubject& subject, const CachePolicy& policy, const CallerPtr& caller);
    void keep(const CacheSubject& subject, const CachePolicy& policy, Rejected::Reason reason);

    void dropRejects();
    void dropAccepts(const std::function<bool(const Caller&)>& which);
    std::size_t size() const { return accepts_.size() + rejects_.size(); }

private:
    // A bounded map; the oldest entry leaves first.
    template <class Value>
    class BoundedMap {
    public:
        explicit BoundedMap(std::size_t limit) : limit_(limit) {}
        struct Item {
            Sha256 key;
            Value value;
            WallTime until;
        };
        const Item* find(const Sha256& key, WallTime now);
        void put(Item item);
        void clear();
        template <class Which>
        void dropIf(const Which& which);
        std::size_t size() const { return items_.size(); }

    private:
        using Items = std::list<Item>;
        void erase(typename Items::iterator item);
        const std::size_t limit_;
        Items items_; // front: the newest
        std::unordered_map<Sha256, typename Items::iterator, DigestHash> byKey_;
    };

    template <class Value>
    const typename BoundedMap<Value>::Item* look(BoundedMap<Value>& map, const CacheSubject& subject);

    BoundedMap<CallerPtr> accepts_;
    BoundedMap<Rejected::Reason> rejects_;
    const Clock& clock_;
    std::uint32_t used_ = 0; // bit n: an entry whose key is made in way n has been kept
};

} // namespace gatehouse
