#include "auth/verdict_cache.hpp"

#include <algorithm>
#include <string>

namespace gatehouse {

namespace {

// The key of a verdict is the token's digest, or a digest of token, peer and certificate, as the verdict's policy says.
// A look-up does not know that policy: it tries each combination that a verdict has had so far (used_), which is one in
// most servers. Accepts and rejects have a map each, so that a flood of wrong tokens drives no right one out.

// What a key is made of besides the token: bits.
constexpr std::uint32_t peer = 1, certificate = 2, combinations = 4;

std::uint32_t variantOf(const CachePolicy& policy) {
    return (policy.isPerPeer() ? peer : 0u) | (policy.isPerCertificate() ? certificate : 0u);
}

Sha256 keyOf(const CacheSubject& subject, std::uint32_t variant) {
    if (variant == 0) return subject.tokenDigest;
    std::string text(reinterpret_cast<const char*>(subject.tokenDigest.data()), subject.tokenDigest.size());
    text += static_cast<char>(variant);
    const auto append = [&text](std::string_view part) {
        text.append(std::to_string(part.size())).append(":").append(part);
    };
    if ((variant & peer) != 0) append(subject.peer);
    if ((variant & certificate) != 0) append(subject.certificate);
    return sha256(text);
}

WallTime endOf(const CachePolicy& policy, WallTime now) {
    return policy.time() >= never - now ? never : now + policy.time();
}

} // namespace

template <class Value>
const typename VerdictCache::BoundedMap<Value>::Item* VerdictCache::BoundedMap<Value>::find(const Sha256& key,
                                                                                            WallTime now) {
    const auto found = byKey_.find(key);
    if (found == byKey_.end()) return nullptr;
    if (found->second->until > now) return &*found->second;
    erase(found->second);
    return nullptr;
}

template <class Value>
void VerdictCache::BoundedMap<Value>::put(Item item) {
    if (const auto old = byKey_.find(item.key); old != byKey_.end()) erase(old->second);
    if (items_.size() >= limit_) erase(std::prev(items_.end()));
    Items one;
    one.push_front(std::move(item));
    byKey_.emplace(one.front().key, one.begin());
    items_.splice(items_.begin(), one); // last, as it cannot fail: no item stands without its key
}

template <class Value>
void VerdictCache::BoundedMap<Value>::erase(typename Items::iterator item) {
    byKey_.erase(item->key);
    items_.erase(item);
}

template <class Value>
void VerdictCache::BoundedMap<Value>::clear() {
    items_.clear();
    byKey_.clear();
}

template <class Value>
template <class Which>
void VerdictCache::BoundedMap<Value>::dropIf(const Which& which) {
    for (auto item = items_.begin(); item != items_.end();) {
        const auto next = std::next(item);
        if (which(item->value)) erase(item);
        item = next;
    }
}

void VerdictCache::dropRejects() { rejects_.clear(); }

void VerdictCache::dropAccepts(const std::function<bool(const Caller&)>& which) {
    accepts_.dropIf([&](const CallerPtr& caller) { return which(*caller); });
}

template <class Value>
const typename VerdictCache::BoundedMap<Value>::Item* VerdictCache::look(BoundedMap<Value>& map,
                                                                         const CacheSubject& subject) {
    const WallTime now = clock_.wall();
    for (std::uint32_t variant = 0; variant < combinations; ++variant) {
        if ((used_ >> variant & 1u) == 0) continue;
        if (const auto* item = map.find(keyOf(subject, variant), now)) return item;
    }
    return nullptr;
}

CallerPtr VerdictCache::accepted(const CacheSubject& subject) {
    const auto* item = look(accepts_, subject);
    return item ? item->value : nullptr;
}

std::optional<Rejected::Reason> VerdictCache::rejected(const CacheSubject& subject) {
    const auto* item = look(rejects_, subject);
    return item ? std::optional(item->value) : std::nullopt;
}

void VerdictCache::keep(const CacheSubject& subject, const CachePolicy& policy, const CallerPtr& caller) {
    if (policy.isNever()) return;
    const std::uint32_t variant = variantOf(policy);
    used_ |= 1u << variant;
    accepts_.put({keyOf(subject, variant), caller, std::min(endOf(policy, clock_.wall()), caller->identity.expiresAt)});
}

void VerdictCache::keep(const CacheSubject& subject, const CachePolicy& policy, Rejected::Reason reason) {
    if (policy.isNever()) return;
    const std::uint32_t variant = variantOf(policy);
    used_ |= 1u << variant;
    rejects_.put({keyOf(subject, variant), reason, endOf(policy, clock_.wall())});
}

} // namespace gatehouse
