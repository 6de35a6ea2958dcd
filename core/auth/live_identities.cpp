#include "auth/live_identities.hpp"

#include <utility>

namespace gatehouse {

// The same tokens in four views: by digest, by expiry, by age, and counted by isolation key. They change together, also
// when memory runs out: what needs memory is made first, then moved in. Callbacks run last, when the token is out of
// all four: they may come back here.

TokenHold& TokenHold::operator=(TokenHold&& other) noexcept {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
    token_ = other.token_;
    id_ = other.id_;
    return *this;
}

void TokenHold::release() {
    if (LiveIdentities* owner = std::exchange(owner_, nullptr)) owner->letGo(token_, id_);
}

void LiveIdentities::seen(const CallerPtr& caller) {
    const auto known = tokens_.find(caller->tokenDigest);
    if (known == tokens_.end()) {
        add(caller);
        return;
    }
    Token& token = known->second;
    if (token.caller->identity.isolationKey != caller->identity.isolationKey) { // it belongs to another identity now
        end({caller->tokenDigest});
        add(caller);
        return;
    }
    if (token.caller->identity.expiresAt == caller->identity.expiresAt) return;
    byExpiry_.erase(token.expiry);
    token.expiry = byExpiry_.emplace(caller->identity.expiresAt, caller->tokenDigest);
    token.caller = caller;
}

LiveIdentities::Tokens::iterator LiveIdentities::add(const CallerPtr& caller) {
    if (tokens_.size() >= maxTokens_) makeRoom();
    // All that needs memory first: without it nothing has been added.
    ByExpiry expiry;
    expiry.emplace(caller->identity.expiresAt, caller->tokenDigest);
    ByAge age{caller->tokenDigest};
    auto& tokensOfKey = tokensOfKey_[caller->identity.isolationKey];
    const auto added = tokens_.emplace(caller->tokenDigest, Token{}).first;
    Token& token = added->second;
    token.caller = caller;
    token.age = age.begin();
    token.expiry = byExpiry_.insert(expiry.extract(expiry.begin()));
    byAge_.splice(byAge_.end(), age);
    ++tokensOfKey;
    telemetry_.changed(Gauge::liveIdentities, +1);
    return added;
}

void LiveIdentities::makeRoom() {
    for (const Sha256& oldest : byAge_) {
        if (!tokens_.at(oldest).holds.empty()) continue;
        const std::vector<Sha256> one{oldest};
        return end(one);
    }
}

TokenHold LiveIdentities::hold(const CallerPtr& caller, std::function<void()> ended) {
    seen(caller);
    const auto token = tokens_.find(caller->tokenDigest);
    const std::uint64_t id = nextHold_++;
    token->second.holds.emplace(id, std::move(ended));
    return TokenHold(*this, caller->tokenDigest, id);
}

void LiveIdentities::letGo(const Sha256& token, std::uint64_t id) {
    const auto found = tokens_.find(token);
    if (found != tokens_.end()) found->second.holds.erase(id);
}

void LiveIdentities::expire() {
    const WallTime now = clock_.wall();
    std::vector<Sha256> due;
    for (const auto& [expiresAt, token] : byExpiry_) {
        if (expiresAt > now) break;
        due.push_back(token);
    }
    if (!due.empty()) end(due);
}

void LiveIdentities::revoke(const std::function<bool(const Caller&)>& which) {
    std::vector<Sha256> due;
    for (const auto& [digest, token] : tokens_)
        if (which(*token.caller)) due.push_back(digest);
    end(due);
}

void LiveIdentities::review(const std::function<bool(const Caller&)>& which, const UntilOf& untilOf) {
    std::vector<Sha256> due;
    for (auto& [digest, token] : tokens_) {
        if (!which(*token.caller)) continue;
        if (const auto until = untilOf(*token.caller)) {
            auto moved = byExpiry_.extract(token.expiry);
            moved.key() = *until;
            token.expiry = byExpiry_.insert(std::move(moved));
        } else {
            due.push_back(digest);
        }
    }
    end(due);
}

void LiveIdentities::end(const std::vector<Sha256>& tokens) {
    for (const Sha256& digest : tokens) {
        const auto found = tokens_.find(digest);
        if (found != tokens_.end()) end(found);
    }
}

// Accepts out before anyone hears of it; nothing up to there needs memory.
void LiveIdentities::end(Tokens::iterator which) {
    const Token token = std::move(tokens_.extract(which).mapped());
    const std::string& key = token.caller->identity.isolationKey;
    byExpiry_.erase(token.expiry);
    byAge_.erase(token.age);
    telemetry_.changed(Gauge::liveIdentities, -1);
    const auto ofKey = tokensOfKey_.find(key);
    const bool last = --ofKey->second == 0;
    if (last) tokensOfKey_.erase(ofKey);
    for (const auto& [id, ended] : token.holds) ended();
    if (last) gone_(key);
}

} // namespace gatehouse
