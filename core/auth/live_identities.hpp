// LiveIdentities: the tokens in use, and the streams and calls that end with each.
//
// A stream or a running call holds the token that opened it: when that token expires or is revoked, its `ended` is
// called. After the last token of an isolation key, `identityGone` notifies backend, validator and sessions.
// Bounded: at the limit the oldest token without a hold is forgotten.
//
// Threads: one (the loop's). Nothing is called while the maps are being changed.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/caller.hpp"
#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/telemetry.hpp"

namespace gatehouse {

class LiveIdentities;

// RAII registration: its `ended` runs when the token ends. Must not outlive the LiveIdentities.
class TokenHold {
public:
    TokenHold() = default;
    TokenHold(LiveIdentities& owner, const Sha256& token, std::uint64_t id) : owner_(&owner), token_(token), id_(id) {}
    TokenHold(TokenHold&& other) noexcept { *this = std::move(other); }
    TokenHold& operator=(TokenHold&& other) noexcept;
    ~TokenHold() { release(); }
    void release();

private:
    LiveIdentities* owner_ = nullptr;
    Sha256 token_{};
    std::uint64_t id_ = 0;
};

class LiveIdentities {
public:
    using IdentityGone = std::function<void(const std::string& isolationKey)>;

    LiveIdentities(std::size_t maxTokens, const Clock& clock, Telemetry& telemetry, IdentityGone gone)
        : maxTokens_(maxTokens), clock_(clock), telemetry_(telemetry), gone_(std::move(gone)) {}

    void seen(const CallerPtr& caller); // a token was accepted
    TokenHold hold(const CallerPtr& caller, std::function<void()> ended);

    void expire(); // ends what has expired by the wall clock; to be called often
    // Ends every token that `which` names.
    void revoke(const std::function<bool(const Caller&)>& which);
    // Of each token that `which` names, when it ends from here on; nothing: at once. What holds it goes on until then.
    using UntilOf = std::function<std::optional<WallTime>(const Caller&)>;
    void review(const std::function<bool(const Caller&)>& which, const UntilOf& untilOf);
    std::size_t size() const { return tokens_.size(); }

private:
    friend class TokenHold;
    using ByExpiry = std::multimap<WallTime, Sha256>;
    using ByAge = std::list<Sha256>; // front: the oldest
    struct Token {
        CallerPtr caller;
        std::map<std::uint64_t, std::function<void()>> holds;
        ByExpiry::iterator expiry;
        ByAge::iterator age;
    };
    using Tokens = std::unordered_map<Sha256, Token, DigestHash>;
    Tokens::iterator add(const CallerPtr& caller);
    void makeRoom();
    void end(const std::vector<Sha256>& tokens);
    void end(Tokens::iterator which);
    void letGo(const Sha256& token, std::uint64_t id);

    const std::size_t maxTokens_;
    const Clock& clock_;
    Telemetry& telemetry_;
    const IdentityGone gone_;
    Tokens tokens_;
    ByExpiry byExpiry_;
    ByAge byAge_;
    std::unordered_map<std::string, std::size_t> tokensOfKey_;
    std::uint64_t nextHold_ = 1;
};

} // namespace gatehouse
