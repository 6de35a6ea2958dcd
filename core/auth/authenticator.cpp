#include "auth/authenticator.hpp"

#include <algorithm>

#include "tokens/checked_token.hpp"

namespace gatehouse {

namespace {

using Kind = AuthenticationFailure::Kind;

CallerPtr anonymousCaller() {
    auto caller = std::make_shared<Caller>();
    caller->identity.issuer = "gatehouse";
    caller->identity.subject = "anonymous";
    caller->identity.isolationKey = "anonymous";
    caller->origin = Caller::Origin::local;
    return caller;
}

CallerPtr fallbackCaller(const AuthenticatorOptions& options) {
    auto caller = std::make_shared<Caller>();
    caller->identity = fallbackIdentity(options.fallbackScopes);
    caller->origin = Caller::Origin::fallback;
    return caller;
}

// A token of our own store brings the scopes that it was given. Those that its validator read from its text count as
// far as the store still has them.
void narrowScopes(std::vector<std::string>& scopes, const TokenRules& rules) {
    if (scopes.empty()) scopes = rules.scopes();
    std::erase_if(scopes, [&](const std::string& scope) {
        return std::find(rules.scopes().begin(), rules.scopes().end(), scope) == rules.scopes().end();
    });
}

CallerPtr callerOf(const Accepted& accepted, const CacheSubject& subject, TokenValidator* decider,
                   TokenRulesPtr rules) {
    auto caller = std::make_shared<Caller>();
    caller->identity = accepted.identity;
    if (rules) narrowScopes(caller->identity.scopes, *rules);
    caller->rules = std::move(rules);
    caller->tokenDigest = subject.tokenDigest;
    caller->requiredScopes = accepted.requiredScopes;
    caller->decider = decider;
    return caller;
}

AuthenticationFailure failure(AuthenticationFailure::Kind kind) { return {.kind = kind}; }
AuthenticationFailure failure(AuthenticationFailure::Kind kind, std::chrono::seconds retryAfter) {
    return {.kind = kind, .retryAfter = retryAfter};
}

TokenRequest tokenRequest(const Credential& credential, const GateRequest& request, const Sha256& digest,
                          std::string_view url) {
    return {.token = credential.token,
            .scheme = credential.scheme,
            .method = request.method,
            .url = url,
            .peer = request.peer,
            .certificate = request.certificate,
            .tokenSha256 = digest,
            .headers = request.fields};
}

} // namespace

// One validation under way on a worker.
struct Authenticator::PendingValidation {
    GateRequest request;
    Credential credential;
    Sha256 digest{};
    std::shared_ptr<const void> alive;
    Done done;
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

Authenticator::Authenticator(AuthenticatorOptions options, AuthenticatorDeps deps, TokenValidator* validator)
    : options_(std::move(options)), deps_(std::move(deps)), validator_(validator),
      deciding_(dynamic_cast<Deciding*>(validator)), traits_(validator ? validator->traits() : ValidatorTraits{}),
      anonymous_(anonymousCaller()), fallback_(options_.fallback ? fallbackCaller(options_) : nullptr),
      cache_(options_.cache, deps_.clock), failures_(options_.failures, deps_.clock),
      validations_("validations", options_.validations, deps_.telemetry),
      live_(options_.maxLiveTokens, deps_.clock, deps_.telemetry, deps_.identityGone) {}

Authentication Authenticator::authenticate(const GateRequest& request) {
    CredentialResult found = readCredential(request.fields, request.query, traits_);
    if (std::holds_alternative<NoCredential>(found) && !options_.cookie.empty())
        found = readCookie(request.fields, options_.cookie);
    if (!validator_) return Authenticated{anonymous_, nullptr};
    if (std::holds_alternative<NoCredential>(found)) return withoutToken();
    if (const auto* broken = std::get_if<BrokenCredential>(&found)) {
        if (broken->ambiguous) return failure(Kind::twoCredentials);
        return refused({.reason = Rejected::Reason::malformed, .detail = broken->reason, .cache = {}});
    }
    const auto& credential = std::get<Credential>(found);
    if (isForgedToken(credential.token, deps_.tokenPrefix))
        return refused({.reason = Rejected::Reason::malformed, .detail = "its checksum is wrong", .cache = {}});
    const Sha256 digest = sha256(credential.token);
    if (auto known = fromCache(request, digest)) return withToken(std::move(*known), credential, digest);
    if (!traits_.runsInline || options_.asksOnWorkers) return PendingAdmission(request, credential, digest);
    const Judgement judgement = ask(tokenRequest(credential, request, digest, options_.resourceUrl));
    charge(judgement.verdict, request.peer);
    return withToken(judge(judgement, {digest, request.peer, request.certificate}, generation()), credential, digest);
}

AuthenticationAnswer Authenticator::withoutToken() const {
    if (!fallback_) return failure(Kind::noToken);
    return Authenticated{fallback_, nullptr};
}

// Who exchanges the caller's token needs it for the length of the call; whose a refused one was can be told later.
AuthenticationAnswer Authenticator::withToken(AuthenticationAnswer answer, const Credential& credential,
                                              const Sha256& digest) const {
    auto* no = std::get_if<AuthenticationFailure>(&answer);
    if (no && no->kind == Kind::invalidToken) no->tokenDigest = digest;
    auto* yes = std::get_if<Authenticated>(&answer);
    if (yes && traits_.exchanges) yes->token = std::make_shared<const SecretText>(credential.token);
    return answer;
}

std::optional<AuthenticationAnswer> Authenticator::fromCache(const GateRequest& request, const Sha256& digest) {
    const CacheSubject subject{digest, request.peer, request.certificate};
    const bool isFresh = !deps_.isFresh || deps_.isFresh();
    if (CallerPtr caller = isFresh ? cache_.accepted(subject) : nullptr) {
        live_.seen(caller);
        return letIn(std::move(caller), request.peer);
    }
    if (const auto reason = isFresh ? cache_.rejected(subject) : std::nullopt)
        return failureOf({.reason = *reason, .detail = "as a moment ago", .cache = {}});
    if (const auto wait = failures_.wait(request.peer)) return failure(Kind::tooManyFailures, *wait);
    return std::nullopt;
}

// A line a second at most: anybody can ask what cannot be decided.
void Authenticator::warnUnavailable(std::string_view detail) {
    const SteadyTime now = deps_.clock.steady();
    if (now < nextWarning_) return ++unwarned_, void();
    nextWarning_ = now + std::chrono::seconds(1);
    const std::string more = unwarned_ == 0 ? "" : " (and " + std::to_string(unwarned_) + " times before)";
    unwarned_ = 0;
    deps_.log.warning("validator " + options_.validatorName + " cannot decide: " + std::string(detail) + more);
}

Judgement Authenticator::ask(const TokenRequest& request) const {
    Judgement judgement = verdictOf(request);
    if (deps_.rulesOf && std::holds_alternative<Accepted>(judgement.verdict))
        judgement.rules = deps_.rulesOf(request.tokenSha256);
    return judgement;
}

// The validator's own exceptions are its failure, not a decision.
Judgement Authenticator::verdictOf(const TokenRequest& request) const {
    try {
        return deciding_ ? deciding_->decide(request) : Judgement{validator_->validate(request)};
    } catch (const std::exception& fault) {
        deps_.log.error("validator " + options_.validatorName + " threw: " + fault.what());
    } catch (...) { // an in-process validator; a library's is stopped at its door
        deps_.log.error("validator " + options_.validatorName + " threw something that is no std::exception");
    }
    return {Unavailable{"the validator threw", std::chrono::seconds(5)}};
}

// A right token that lacks a scope is no guess.
void Authenticator::charge(const Verdict& verdict, std::string_view peer) {
    const auto* no = std::get_if<Rejected>(&verdict);
    if (no && no->reason != Rejected::Reason::insufficientScope) failures_.charge(peer);
}

// One validation at a time for each token. The first request with an unknown token launches it; others with the same
// token wait in a line behind it (waiting_, by digest), and look into the cache when it has answered. Once a verdict
// was not to be kept, there are no lines: every request is judged by itself. `began` is the generation at the launch: a
// verdict that is older than the last revocation is not cached, and an identity that was revoked since is refused. A
// validation past its time is answered with 503; its worker counts as lost until it returns (isLate).
void Authenticator::authenticateLater(PendingAdmission admission, std::shared_ptr<const void> alive, Done done) {
    auto pending = std::make_shared<PendingValidation>(PendingValidation{.request = admission.request_,
                                                                         .credential = admission.credential_,
                                                                         .digest = admission.digest_,
                                                                         .alive = std::move(alive),
                                                                         .done = std::move(done),
                                                                         .began = generation()});
    if (keepsVerdicts_) {
        auto& line = waiting_[pending->digest];
        line.push_back(pending);
        if (line.size() > 1) return; // the one before asks already
    }
    launch(pending);
}

void Authenticator::launch(const PendingPtr& pending) {
    pending->began = generation();
    pending->launched = deps_.clock.steady();
    pending->share = validations_.reserve(std::string(pending->request.peer), 1);
    if (!pending->share)
        return answered(pending, {Unavailable{"too many tokens to check at once", std::chrono::seconds(1)}});
    const bool taken = deps_.workers.submit([this, pending] {
        auto judgement = std::make_shared<Judgement>(
            ask(tokenRequest(pending->credential, pending->request, pending->digest, options_.resourceUrl)));
        deps_.post([this, pending, judgement] { returned(pending, *judgement); });
    });
    if (taken) return asking_.push_back(pending);
    deps_.telemetry.counted(Counter::overloaded);
    answered(pending, {Unavailable{"no worker is free", std::chrono::seconds(1)}});
}

// A worker is back, perhaps after the request has been answered.
void Authenticator::returned(const PendingPtr& pending, const Judgement& judgement) {
    pending->share.release();
    if (!pending->isLate) return answered(pending, judgement);
    deps_.workers.lost(-1);
    deps_.telemetry.changed(Gauge::overdueWorkers, -1);
}

void Authenticator::expire() {
    live_.expire();
    const SteadyTime now = deps_.clock.steady();
    while (!asking_.empty() &&
           (asking_.front()->isOver || now - asking_.front()->launched >= options_.validationTime)) {
        const PendingPtr pending = std::move(asking_.front());
        asking_.pop_front();
        if (pending->isOver) continue;
        pending->isLate = true;
        deps_.workers.lost(+1);
        deps_.telemetry.changed(Gauge::overdueWorkers, +1);
        answered(pending, {Unavailable{"the validator takes too long", std::chrono::seconds(5)}});
    }
}

// Answers the request that started it; those behind it look into the cache, or start their own.
void Authenticator::answered(const PendingPtr& pending, const Judgement& judgement) {
    std::vector<PendingPtr> behind;
    pending->isOver = true;
    std::erase(asking_, pending); // as short as the budget of validations; a slow one keeps no others
    if (const auto line = waiting_.find(pending->digest); line != waiting_.end() && line->second.front() == pending) {
        behind.assign(line->second.begin() + 1, line->second.end());
        waiting_.erase(line);
    }
    charge(judgement.verdict, pending->request.peer);
    settle(pending, judge(judgement, pending->subject(), pending->began));
    for (const PendingPtr& next : behind) {
        if (auto known = fromCache(next->request, next->digest)) settle(next, std::move(*known));
        else launch(next);
    }
}

void Authenticator::settle(const PendingPtr& pending, AuthenticationAnswer answer) {
    pending->done(withToken(std::move(answer), pending->credential, pending->digest));
}

AuthenticationAnswer Authenticator::judge(const Judgement& judgement, const CacheSubject& subject,
                                          std::uint64_t began) {
    if (const auto* yes = std::get_if<Accepted>(&judgement.verdict)) {
        if (!judgement.rules) return failure(Kind::unavailable); // what the token may not do is not known
        return accept(*yes, callerOf(*yes, subject, judgement.decider, *judgement.rules), subject, began);
    }
    if (const auto* no = std::get_if<Rejected>(&judgement.verdict)) return reject(*no, subject, began);
    const auto& later = std::get<Unavailable>(judgement.verdict);
    deps_.telemetry.judged(options_.validatorName, "unavailable", "");
    warnUnavailable(later.detail);
    return failure(Kind::unavailable, later.retryAfter);
}

AuthenticationAnswer Authenticator::accept(const Accepted& accepted, const CallerPtr& caller,
                                           const CacheSubject& subject, std::uint64_t began) {
    const Identity& identity = caller->identity;
    if (identity.isolationKey.empty()) {
        deps_.log.error("validator " + options_.validatorName + " gave an identity without isolationKey");
        return failure(Kind::unavailable);
    }
    if (identity.expiresAt <= deps_.clock.wall())
        return refused({.reason = Rejected::Reason::expired, .detail = {}, .cache = {}});
    if (revocations_.revokedSince(began, identity))
        return refused({.reason = Rejected::Reason::revoked, .detail = "while it was being checked", .cache = {}});
    if (accepted.cache.isNever()) keepsVerdicts_ = false;
    if (began == generation()) cache_.keep(subject, accepted.cache, caller);
    live_.seen(caller);
    deps_.telemetry.judged(options_.validatorName, "accept", "");
    return letIn(caller, subject.peer);
}

// A right token may be bound to networks. To the caller it is no other refusal than that of a wrong one.
AuthenticationAnswer Authenticator::letIn(CallerPtr caller, std::string_view peer) const {
    if (caller->rules && !caller->rules->allowsPeer(peer))
        return failureOf({.reason = Rejected::Reason::forbidden,
                          .detail = caller->identity.tokenId + " may not be used from " + std::string(peer),
                          .cache = {}});
    return Authenticated{std::move(caller), nullptr};
}

AuthenticationAnswer Authenticator::reject(const Rejected& rejected, const CacheSubject& subject, std::uint64_t began) {
    const bool isNarrow = rejected.reason == Rejected::Reason::insufficientScope; // judged anew each time
    if (!isNarrow && began == generation()) cache_.keep(subject, rejected.cache, rejected.reason);
    return refused(rejected);
}

AuthenticationFailure Authenticator::refused(const Rejected& rejected) {
    deps_.telemetry.judged(options_.validatorName, "reject", reasonName(rejected.reason));
    return failureOf(rejected);
}

bool Authenticator::endedSince(std::uint64_t generation, const Caller& caller) const {
    return caller.identity.expiresAt <= deps_.clock.wall() || revocations_.revokedSince(generation, caller.identity);
}

void Authenticator::tokensGone(const std::vector<std::string>& tokenIds) {
    revocations_.beginGeneration();
    cache_.dropRejects(); // a token that was unknown may have been added
    const auto named = [&](const Caller& caller) {
        return std::find(tokenIds.begin(), tokenIds.end(), caller.identity.tokenId) != tokenIds.end();
    };
    for (const std::string& id : tokenIds) revocations_.note(id);
    if (tokenIds.empty()) return;
    cache_.dropAccepts(named);
    live_.review(named,
                 [&](const Caller& caller) { return deps_.standsUntil ? deps_.standsUntil(caller) : std::nullopt; });
}

void Authenticator::dropVerdicts(const std::string& isolationKey) {
    revocations_.beginGeneration();
    cache_.dropRejects();
    revocations_.note(isolationKey);
    const auto named = [&](const Caller& caller) {
        return isolationKey.empty() || caller.identity.isolationKey == isolationKey;
    };
    cache_.dropAccepts(named);
    live_.revoke(named);
}

} // namespace gatehouse
