#include "auth/gate.hpp"

#include <algorithm>
#include <atomic>

#include "base/digest.hpp"

namespace gatehouse {

namespace {

constexpr std::size_t maxRevocations = 1024;

CallerPtr anonymousCaller() {
    auto caller = std::make_shared<Caller>();
    caller->identity.issuer = "gatehouse";
    caller->identity.subject = "anonymous";
    caller->identity.isolationKey = "anonymous";
    caller->grants = Grants::everything();
    return caller;
}

CallerPtr fallbackCaller(const GateOptions& options) {
    auto caller = std::make_shared<Caller>();
    caller->identity = fallbackIdentity(options.fallbackScopes);
    caller->grants = options.policy.grantsOf(options.fallbackScopes);
    caller->lacking = options.policy.refusal(std::vector<std::string>(), caller->grants);
    caller->isFallback = true;
    return caller;
}

TokenRequest tokenRequest(const Credential& credential, const GateRequest& request, const Sha256& digest,
                          std::string_view url) {
    return {credential.token, credential.scheme,   request.method, url,
            request.peer,     request.certificate, digest,         request.fields};
}

} // namespace

// One validation under way on a worker.
struct Gate::Question {
    GateRequest request;
    Credential credential;
    Sha256 digest{};
    std::shared_ptr<const void> alive;
    std::function<void(GateAnswer)> done;
    std::uint64_t began = 0;
    SteadyTime launched{};
    Budget::Share share = {};
    bool isOver = false;
    bool isLate = false; // it was over before its worker returned
    CacheSubject subject() const { return {digest, request.peer, request.certificate}; }
};

Identity fallbackIdentity(std::vector<std::string> scopes) {
    Identity identity;
    identity.issuer = "gatehouse";
    identity.subject = identity.isolationKey = "fallback";
    identity.scopes = std::move(scopes);
    return identity;
}

std::string_view reasonName(Rejected::Reason reason) {
    switch (reason) {
        case Rejected::Reason::notMine: return "not_mine";
        case Rejected::Reason::malformed: return "malformed";
        case Rejected::Reason::unknown: return "unknown";
        case Rejected::Reason::expired: return "expired";
        case Rejected::Reason::revoked: return "revoked";
        case Rejected::Reason::wrongAudience: return "wrong_audience";
        case Rejected::Reason::badSignature: return "bad_signature";
        case Rejected::Reason::forbidden: return "forbidden";
        case Rejected::Reason::insufficientScope: return "insufficient_scope";
    }
    return "unknown";
}

Gate::Gate(GateOptions options, GatePort port, TokenValidator* validator)
    : options_(std::move(options)), port_(std::move(port)), challenge_(options_.challenge), validator_(validator),
      deciding_(dynamic_cast<Deciding*>(validator)), traits_(validator ? validator->traits() : ValidatorTraits{}),
      anonymous_(anonymousCaller()), fallback_(options_.fallback ? fallbackCaller(options_) : nullptr),
      cache_(options_.cache, port_.clock), failures_(options_.failures, port_.clock),
      validations_("validations", options_.validations, port_.observer),
      live_(options_.maxLiveTokens, port_.clock, port_.observer, port_.identityGone) {}

Admission Gate::admit(const GateRequest& request) {
    const CredentialResult found = readCredential(request.fields, request.query, traits_);
    if (!validator_) return Admitted{anonymous_, nullptr};
    if (std::holds_alternative<NoCredential>(found)) return fallback_ ? admitted(fallback_) : challenge_.noToken();
    if (const auto* broken = std::get_if<BrokenCredential>(&found)) {
        if (broken->ambiguous) return challenge_.ambiguous();
        return refused(Rejected::Reason::malformed, broken->reason);
    }
    const auto& credential = std::get<Credential>(found);
    const Sha256 digest = sha256(credential.token);
    if (auto known = fromCache(request, digest)) return withToken(std::move(*known), credential);
    if (!traits_.runsInline) return PendingAdmission(request, credential, digest);
    const Judgement judgement = ask(tokenRequest(credential, request, digest, options_.resourceUrl));
    charge(judgement.verdict, request.peer);
    return withToken(judge(judgement, {digest, request.peer, request.certificate}, generation_), credential);
}

// Who exchanges the caller's token needs it for the length of the call.
GateAnswer Gate::withToken(GateAnswer answer, const Credential& credential) const {
    auto* yes = std::get_if<Admitted>(&answer);
    if (yes && traits_.exchanges) yes->token = std::make_shared<const SecretText>(credential.token);
    return answer;
}

std::optional<GateAnswer> Gate::fromCache(const GateRequest& request, const Sha256& digest) {
    const CacheSubject subject{digest, request.peer, request.certificate};
    if (CallerPtr caller = cache_.accepted(subject)) {
        live_.seen(caller);
        return admitted(std::move(caller));
    }
    if (const auto reason = cache_.rejected(subject))
        return challenge_.invalidToken(reasonName(*reason), "as a moment ago");
    if (const auto wait = failures_.wait(request.peer)) return challenge_.tooManyFailures(*wait);
    return std::nullopt;
}

// A line a second at most: anybody can ask what cannot be decided.
void Gate::warnUnavailable(std::string_view detail) {
    const SteadyTime now = port_.clock.steady();
    if (now < nextWarning_) return ++unwarned_, void();
    nextWarning_ = now + std::chrono::seconds(1);
    const std::string more = unwarned_ == 0 ? "" : " (and " + std::to_string(unwarned_) + " times before)";
    unwarned_ = 0;
    port_.log.warning("validator " + options_.validatorName + " cannot decide: " + std::string(detail) + more);
}

// The validator's own exceptions are its failure, not a decision.
Judgement Gate::ask(const TokenRequest& request) const {
    try {
        return deciding_ ? deciding_->decide(request) : Judgement{validator_->validate(request)};
    } catch (const std::exception& fault) {
        port_.log.error("validator " + options_.validatorName + " threw: " + fault.what());
    } catch (...) { // an in-process validator; a library's is stopped at its door
        port_.log.error("validator " + options_.validatorName + " threw something that is no std::exception");
    }
    return {Unavailable{"the validator threw", std::chrono::seconds(5)}};
}

// A right token that lacks a scope is no guess.
void Gate::charge(const Verdict& verdict, std::string_view peer) {
    const auto* no = std::get_if<Rejected>(&verdict);
    if (no && no->reason != Rejected::Reason::insufficientScope) failures_.charge(peer);
}

void Gate::admitLater(PendingAdmission pending, std::shared_ptr<const void> alive,
                      std::function<void(GateAnswer)> done) {
    auto question = std::make_shared<Question>(Question{.request = pending.request_,
                                                        .credential = pending.credential_,
                                                        .digest = pending.digest_,
                                                        .alive = std::move(alive),
                                                        .done = std::move(done),
                                                        .began = generation_});
    if (keepsVerdicts_) {
        auto& line = waiting_[question->digest];
        line.push_back(question);
        if (line.size() > 1) return; // the one before asks already
    }
    launch(question);
}

void Gate::launch(const QuestionPtr& question) {
    question->began = generation_;
    question->launched = port_.clock.steady();
    question->share = validations_.reserve(std::string(question->request.peer), 1);
    if (!question->share)
        return answered(question, {Unavailable{"too many tokens to check at once", std::chrono::seconds(1)}});
    const bool taken = port_.workers.submit([this, question] {
        auto judgement = std::make_shared<Judgement>(
            ask(tokenRequest(question->credential, question->request, question->digest, options_.resourceUrl)));
        port_.post([this, question, judgement] { returned(question, *judgement); });
    });
    if (taken) return asking_.push_back(question);
    port_.observer.counted(Tally::overloaded);
    answered(question, {Unavailable{"no worker is free", std::chrono::seconds(1)}});
}

// A worker is back, perhaps too late for the one who asked.
void Gate::returned(const QuestionPtr& question, const Judgement& judgement) {
    question->share.release();
    if (!question->isLate) return answered(question, judgement);
    port_.workers.lost(-1);
    port_.observer.changed(Gauge::overdueWorkers, -1);
}

void Gate::expire() {
    live_.expire();
    const SteadyTime now = port_.clock.steady();
    while (!asking_.empty() &&
           (asking_.front()->isOver || now - asking_.front()->launched >= options_.validationTime)) {
        const QuestionPtr question = std::move(asking_.front());
        asking_.pop_front();
        if (question->isOver) continue;
        question->isLate = true;
        port_.workers.lost(+1);
        port_.observer.changed(Gauge::overdueWorkers, +1);
        answered(question, {Unavailable{"the validator takes too long", std::chrono::seconds(5)}});
    }
}

// Answers the one who asked; those behind it look into the cache, or ask for themselves.
void Gate::answered(const QuestionPtr& question, const Judgement& judgement) {
    std::vector<QuestionPtr> behind;
    question->isOver = true;
    std::erase(asking_, question); // as short as the budget of validations; a slow one keeps no others
    if (const auto line = waiting_.find(question->digest); line != waiting_.end() && line->second.front() == question) {
        behind.assign(line->second.begin() + 1, line->second.end());
        waiting_.erase(line);
    }
    charge(judgement.verdict, question->request.peer);
    settle(question, judge(judgement, question->subject(), question->began));
    for (const QuestionPtr& next : behind) {
        if (auto known = fromCache(next->request, next->digest)) settle(next, std::move(*known));
        else launch(next);
    }
}

void Gate::settle(const QuestionPtr& question, GateAnswer answer) {
    question->done(withToken(std::move(answer), question->credential));
}

GateAnswer Gate::judge(const Judgement& judgement, const CacheSubject& subject, std::uint64_t began) {
    if (const auto* yes = std::get_if<Accepted>(&judgement.verdict))
        return accept(*yes, callerOf(*yes, subject, judgement.decider), subject, began);
    if (const auto* no = std::get_if<Rejected>(&judgement.verdict)) return reject(*no, subject, began);
    const auto& later = std::get<Unavailable>(judgement.verdict);
    port_.observer.judged(options_.validatorName, "unavailable", "");
    warnUnavailable(later.detail);
    return challenge_.unavailable(later.retryAfter);
}

CallerPtr Gate::callerOf(const Accepted& accepted, const CacheSubject& subject, TokenValidator* decider) const {
    auto caller = std::make_shared<Caller>();
    caller->identity = accepted.identity;
    caller->tokenDigest = subject.tokenDigest;
    caller->grants = options_.policy.grantsOf(accepted.identity.scopes);
    caller->lacking = options_.policy.refusal(accepted.requiredScopes, caller->grants);
    caller->exchanger = decider;
    return caller;
}

GateAnswer Gate::accept(const Accepted& accepted, const CallerPtr& caller, const CacheSubject& subject,
                        std::uint64_t began) {
    const Identity& identity = caller->identity;
    if (identity.isolationKey.empty()) {
        port_.log.error("validator " + options_.validatorName + " gave an identity without isolationKey");
        return challenge_.unavailable(std::chrono::seconds(5));
    }
    if (identity.expiresAt <= port_.clock.wall()) return refused(Rejected::Reason::expired, "");
    if (revokedSince(began, identity)) return refused(Rejected::Reason::revoked, "while it was being checked");
    if (accepted.cache.isNever()) keepsVerdicts_ = false;
    if (began == generation_) cache_.keep(subject, accepted.cache, caller);
    live_.seen(caller);
    port_.observer.judged(options_.validatorName, "accept", "");
    return admitted(caller);
}

// A good token may still have too few scopes for anything.
GateAnswer Gate::admitted(CallerPtr caller) const {
    if (!caller->lacking.empty()) return challenge_.insufficientScope(caller->lacking, caller);
    return Admitted{std::move(caller), nullptr};
}

GateAnswer Gate::reject(const Rejected& rejected, const CacheSubject& subject, std::uint64_t began) {
    if (rejected.reason == Rejected::Reason::insufficientScope) {
        port_.observer.judged(options_.validatorName, "reject", reasonName(rejected.reason));
        return challenge_.insufficientScope(rejected.neededScopes);
    }
    if (began == generation_) cache_.keep(subject, rejected.cache, rejected.reason);
    return refused(rejected.reason, rejected.detail);
}

GateAnswer Gate::refused(Rejected::Reason reason, std::string_view detail) {
    const std::string_view name = reasonName(reason);
    port_.observer.judged(options_.validatorName, "reject", name);
    return challenge_.invalidToken(name, std::string(detail));
}

bool Gate::revokedSince(std::uint64_t generation, const Identity& identity) const {
    if (generation == generation_) return false;
    if (generation < forgottenUpTo_) return true; // too long ago to know: refuse
    return std::any_of(revocations_.begin(), revocations_.end(), [&](const Revocation& revoked) {
        const bool later = revoked.generation > generation;
        const bool named =
            revoked.name.empty() || revoked.name == identity.tokenId || revoked.name == identity.isolationKey;
        return later && named;
    });
}

bool Gate::endedSince(std::uint64_t generation, const Caller& caller) const {
    return caller.identity.expiresAt <= port_.clock.wall() || revokedSince(generation, caller.identity);
}

void Gate::noteRevoked(std::string name) {
    revocations_.push_back({generation_, std::move(name)});
    if (revocations_.size() <= maxRevocations) return;
    forgottenUpTo_ = revocations_.front().generation;
    revocations_.pop_front();
}

void Gate::tokensGone(const std::vector<std::string>& tokenIds) {
    ++generation_;
    cache_.dropRejects(); // a token that was unknown may have been added
    const auto named = [&](const Caller& caller) {
        return std::find(tokenIds.begin(), tokenIds.end(), caller.identity.tokenId) != tokenIds.end();
    };
    for (const std::string& id : tokenIds) noteRevoked(id);
    if (tokenIds.empty()) return;
    cache_.dropAccepts(named);
    live_.revoke(named);
}

void Gate::dropVerdicts(const std::string& isolationKey) {
    ++generation_;
    cache_.dropRejects();
    noteRevoked(isolationKey);
    const auto named = [&](const Caller& caller) {
        return isolationKey.empty() || caller.identity.isolationKey == isolationKey;
    };
    cache_.dropAccepts(named);
    live_.revoke(named);
}

} // namespace gatehouse
