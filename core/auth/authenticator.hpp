// Authenticator: who is calling? Credential -> verdict cache -> validator -> Caller or failure. One per process; what a
// caller may do on a route is the Authorizer's.
//
// Every failure on the way to a decision ends in refusal. What is known already is answered at once; a validator that
// may block is asked on a worker, with a share of the workers for each address. One validation at a time per token, as
// long as the validator lets verdicts be kept. A verdict that began before a revocation is not kept, and refused when
// it is the revoked one.
//
// Threads: one (the loop's). Workers come back through `post`.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <gatehouse/token_validator.hpp>

#include "auth/authentication.hpp"
#include "auth/deciding.hpp"
#include "auth/failure_budget.hpp"
#include "auth/live_identities.hpp"
#include "auth/revocations.hpp"
#include "auth/verdict_cache.hpp"
#include "base/budget.hpp"
#include "base/log.hpp"
#include "loop/executor.hpp"

namespace gatehouse {

struct AuthenticatorOptions {
    std::string validatorName;
    std::string resourceUrl; // canonical URL of the resource, told to validators
    VerdictCacheOptions cache;
    FailureBudgetOptions failures;
    std::size_t maxLiveTokens = 100'000;
    BudgetLimits validations{64, 96};                 // on a worker at once, by address and in all
    std::chrono::milliseconds validationTime{30'000}; // then 503, and the worker counts as lost
    bool asksOnWorkers = false;                       // also what runs inline: the token store may block
    std::string cookie;    // that carries a credential where the header does not; empty: none
    bool fallback = false; // a request without a token is the fallback caller's
    std::vector<std::string> fallbackScopes;
};

// What the authenticator needs of the server. Outlives it.
struct AuthenticatorDeps {
    const Clock& clock;
    Log& log;
    Telemetry& telemetry;
    Executor& workers;
    std::function<void(std::function<void()>)> post; // to the loop, from any thread
    LiveIdentities::IdentityGone identityGone;       // on the loop
    // What a token of our own store may do; null: it is none; nothing: that cannot be said now. Asked where the
    // validator was. None: there is no store.
    std::function<std::optional<TokenRulesPtr>(const Sha256&)> rulesOf = {};
    // A token of our own store has changed: until when this caller's text is as good as before; nothing: it means
    // something else now, or is gone. None: it never is.
    LiveIdentities::UntilOf standsUntil = {};
    // False: revocations may have been missed, so no verdict that was kept holds. None: they never are.
    std::function<bool()> isFresh = {};
    std::string tokenPrefix = {}; // a token that begins like that and is none of ours is refused unseen; empty: none
};

class Authenticator {
public:
    using Done = std::function<void(AuthenticationAnswer)>;

    // `validator` null: no authentication, everybody is the anonymous caller.
    Authenticator(AuthenticatorOptions options, AuthenticatorDeps deps, TokenValidator* validator);

    // The answer, when it is known at once; else what authenticateLater asks about.
    Authentication authenticate(const GateRequest& request);
    // Asks the validator on a worker; `done` is called on the loop. `alive` keeps the request's views.
    void authenticateLater(PendingAdmission pending, std::shared_ptr<const void> alive, Done done);

    // Makes the backend's credentials; null: none are made.
    TokenValidator* exchanger() const { return traits_.exchanges ? validator_ : nullptr; }

    // Tokens by id, or one isolation key, or (empty) everything: cached verdicts go, what hangs on them ends.
    void tokensGone(const std::vector<std::string>& tokenIds);
    void dropVerdicts(const std::string& isolationKey);

    // Counts revocations. Read before `authenticate`, for endedSince.
    std::uint64_t generation() const { return revocations_.generation(); }
    // True if the caller's token or identity was revoked since that generation, or has expired: ask again.
    bool endedSince(std::uint64_t generation, const Caller& caller) const;

    void expire(); // ends what has expired or takes too long; to be called often

    LiveIdentities& live() { return live_; }

private:
    struct PendingValidation;
    using PendingPtr = std::shared_ptr<PendingValidation>;

    std::optional<AuthenticationAnswer> fromCache(const GateRequest& request, const Sha256& digest);
    AuthenticationAnswer judge(const Judgement& judgement, const CacheSubject& subject, std::uint64_t began);
    AuthenticationAnswer accept(const Accepted& accepted, const CallerPtr& caller, const CacheSubject& subject,
                                std::uint64_t began);
    AuthenticationAnswer reject(const Rejected& rejected, const CacheSubject& subject, std::uint64_t began);
    AuthenticationFailure refused(const Rejected& rejected);
    AuthenticationAnswer letIn(CallerPtr caller, std::string_view peer) const;
    AuthenticationAnswer withoutToken() const;
    AuthenticationAnswer withToken(AuthenticationAnswer answer, const Credential& credential,
                                   const Sha256& digest) const;
    Judgement ask(const TokenRequest& request) const;
    Judgement verdictOf(const TokenRequest& request) const;
    void charge(const Verdict& verdict, std::string_view peer);
    void launch(const PendingPtr& pending);
    void returned(const PendingPtr& pending, const Judgement& judgement);
    void answered(const PendingPtr& pending, const Judgement& judgement);
    void settle(const PendingPtr& pending, AuthenticationAnswer answer);
    void warnUnavailable(std::string_view detail);

    const AuthenticatorOptions options_;
    const AuthenticatorDeps deps_;
    TokenValidator* const validator_;
    Deciding* const deciding_; // the same, when it asks others; else null
    const ValidatorTraits traits_;
    const CallerPtr anonymous_;
    const CallerPtr fallback_; // null: none
    VerdictCache cache_;
    FailureBudget failures_;
    Budget validations_;
    std::deque<PendingPtr> asking_; // on workers, the oldest first
    LiveIdentities live_;
    Revocations revocations_;
    SteadyTime nextWarning_{};
    std::uint64_t unwarned_ = 0;
    bool keepsVerdicts_ = true; // false once the validator accepted for one request only
    std::unordered_map<Sha256, std::vector<PendingPtr>, DigestHash> waiting_; // behind one validation of the same token
};

// Who a request without a token is, where such requests are served.
Identity fallbackIdentity(std::vector<std::string> scopes);

} // namespace gatehouse
