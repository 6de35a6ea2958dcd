// Gate: who is calling? Credential -> verdict cache -> validator -> Caller or refusal.
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
#include <variant>
#include <vector>

#include <gatehouse/token_validator.hpp>

#include "auth/admission.hpp"
#include "auth/deciding.hpp"
#include "auth/failure_budget.hpp"
#include "auth/live_identities.hpp"
#include "auth/policy.hpp"
#include "auth/verdict_cache.hpp"
#include "base/budget.hpp"
#include "base/log.hpp"
#include "base/secret_text.hpp"
#include "loop/executor.hpp"

namespace gatehouse {

struct GateOptions {
    std::string validatorName;
    std::string resourceUrl; // canonical URL of the resource, told to validators
    ChallengeOptions challenge;
    Policy policy;
    VerdictCacheOptions cache;
    FailureBudgetOptions failures;
    std::size_t maxLiveTokens = 100'000;
    BudgetLimits validations{64, 96};                 // on a worker at once, by address and in all
    std::chrono::milliseconds validationTime{30'000}; // then 503, and the worker counts as lost
    bool fallback = false;                            // a request without a token is the fallback caller's
    std::vector<std::string> fallbackScopes;
};

// What the gate needs of the server. Outlives it.
struct GatePort {
    const Clock& clock;
    Log& log;
    Observer& observer;
    Executor& workers;
    std::function<void(std::function<void()>)> post; // to the loop, from any thread
    LiveIdentities::IdentityGone identityGone;       // on the loop
};

class Gate {
public:
    // `validator` null: no authentication, everybody is the anonymous caller.
    Gate(GateOptions options, GatePort port, TokenValidator* validator);

    // The answer, when it is known at once; else what admitLater asks about.
    Admission admit(const GateRequest& request);
    // Asks the validator on a worker; `done` is called on the loop. `alive` keeps the request's views.
    void admitLater(PendingAdmission pending, std::shared_ptr<const void> alive, std::function<void(GateAnswer)> done);

    // Makes the backend's credentials; null: none are made.
    TokenValidator* exchanger() const { return traits_.exchanges ? validator_ : nullptr; }

    // Tokens by id, or one isolation key, or (empty) everything: cached verdicts go, what hangs on them ends.
    void tokensGone(const std::vector<std::string>& tokenIds);
    void dropVerdicts(const std::string& isolationKey);

    // Counts revocations. Read before `admit`, for endedSince.
    std::uint64_t generation() const { return generation_; }
    // True if the caller's token or identity was revoked since that generation, or has expired: ask `admit` again.
    bool endedSince(std::uint64_t generation, const Caller& caller) const;
    // The refusal for endedSince when `admit` cannot answer at once.
    GateRefusal ended() const { return challenge_.invalidToken("revoked", "while the request was being sent"); }

    void expire(); // ends what has expired or takes too long; to be called often

    LiveIdentities& live() { return live_; }
    const Challenge& challenge() const { return challenge_; }
    const Policy& policy() const { return options_.policy; }

private:
    struct Revocation {
        std::uint64_t generation = 0;
        std::string name; // a token id or isolation key; empty: everything
    };
    struct Question;
    using QuestionPtr = std::shared_ptr<Question>;

    std::optional<GateAnswer> fromCache(const GateRequest& request, const Sha256& digest);
    GateAnswer judge(const Judgement& judgement, const CacheSubject& subject, std::uint64_t began);
    CallerPtr callerOf(const Accepted& accepted, const CacheSubject& subject, TokenValidator* decider) const;
    GateAnswer accept(const Accepted& accepted, const CallerPtr& caller, const CacheSubject& subject,
                      std::uint64_t began);
    GateAnswer admitted(CallerPtr caller) const;
    GateAnswer withToken(GateAnswer answer, const Credential& credential) const;
    GateAnswer reject(const Rejected& rejected, const CacheSubject& subject, std::uint64_t began);
    GateAnswer refused(Rejected::Reason reason, std::string_view detail);
    Judgement ask(const TokenRequest& request) const;
    void charge(const Verdict& verdict, std::string_view peer);
    void launch(const QuestionPtr& question);
    void returned(const QuestionPtr& question, const Judgement& judgement);
    void answered(const QuestionPtr& question, const Judgement& judgement);
    void settle(const QuestionPtr& question, GateAnswer answer);
    void warnUnavailable(std::string_view detail);
    bool revokedSince(std::uint64_t generation, const Identity& identity) const;
    void noteRevoked(std::string name);

    const GateOptions options_;
    const GatePort port_;
    const Challenge challenge_;
    TokenValidator* const validator_;
    Deciding* const deciding_; // the same, when it asks others; else null
    const ValidatorTraits traits_;
    const CallerPtr anonymous_;
    const CallerPtr fallback_; // null: none
    VerdictCache cache_;
    FailureBudget failures_;
    Budget validations_;
    std::deque<QuestionPtr> asking_; // on workers, the oldest first
    LiveIdentities live_;
    std::uint64_t generation_ = 1;
    std::deque<Revocation> revocations_; // bounded; older ones count as "everything"
    std::uint64_t forgottenUpTo_ = 0;
    SteadyTime nextWarning_{};
    std::uint64_t unwarned_ = 0;
    bool keepsVerdicts_ = true; // false once the validator accepted for one request only
    std::unordered_map<Sha256, std::vector<QuestionPtr>, DigestHash>
        waiting_; // behind one validation of the same token
};

// Who a request without a token is, where such requests are served.
Identity fallbackIdentity(std::vector<std::string> scopes);
// "expired", "unknown", ... for logs and metrics.
std::string_view reasonName(Rejected::Reason reason);

} // namespace gatehouse
