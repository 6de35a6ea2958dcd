#include "auth/live_identities.hpp"

#include <utility>

namespace gatehouse {

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
    if (token.caller->identity.isolationKey != caller->identity.isolationKey) { // it stands for somebody else now
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
    Token token;
    token.caller = caller;
    token.expiry = byExpiry_.emplace(caller->identity.expiresAt, caller->tokenDigest);
    token.age = byAge_.insert(byAge_.end(), caller->tokenDigest);
    ++tokensOfKey_[caller->identity.isolationKey];
    observer_.changed(Gauge::liveIdentities, +1);
    return tokens_.emplace(caller->tokenDigest, std::move(token)).first;
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

void LiveIdentities::end(const std::vector<Sha256>& tokens) {
    std::vector<std::function<void()>> ended;
    std::vector<std::string> keysGone;
    for (const Sha256& digest : tokens) {
        const auto found = tokens_.find(digest);
        if (found == tokens_.end()) continue;
        for (auto& [id, hold] : found->second.holds) ended.push_back(std::move(hold));
        const std::string key = found->second.caller->identity.isolationKey;
        if (--tokensOfKey_[key] == 0) {
            tokensOfKey_.erase(key);
            keysGone.push_back(key);
        }
        byExpiry_.erase(found->second.expiry);
        byAge_.erase(found->second.age);
        tokens_.erase(found);
        observer_.changed(Gauge::liveIdentities, -1);
    }
    for (const auto& call : ended) call();
    for (const std::string& key : keysGone) gone_(key);
}

} // namespace gatehouse
