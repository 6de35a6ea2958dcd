#include "auth/chain.hpp"

#include <algorithm>

namespace gatehouse {

namespace {

bool isNotMine(const Verdict& verdict) {
    const auto* no = std::get_if<Rejected>(&verdict);
    return no && no->reason == Rejected::Reason::notMine;
}

// Who decided stands before the reason. It holds for as long as the members before keep saying that it is not theirs.
Verdict named(Verdict verdict, const std::string& name, const CachePolicy& before) {
    if (auto* yes = std::get_if<Accepted>(&verdict)) yes->cache = yes->cache.narrowedBy(before);
    if (auto* no = std::get_if<Rejected>(&verdict)) {
        no->detail = name + ": " + no->detail;
        no->cache = no->cache.narrowedBy(before);
    }
    if (auto* later = std::get_if<Unavailable>(&verdict)) later->detail = name + ": " + later->detail;
    return verdict;
}

} // namespace

Chain::Chain(std::vector<Member> members) : members_(std::move(members)) {
    traits_ = members_.front().validator->traits();
    for (const Member& member : members_) {
        const ValidatorTraits traits = member.validator->traits();
        if (traits.header != traits_.header || traits.scheme != traits_.scheme)
            throw SettingsError("auth.validator: " + members_.front().name + " reads " + traits_.header + " (" +
                                traits_.scheme + ") and " + member.name + " reads " + traits.header + " (" +
                                traits.scheme + "); a chain has one header and one scheme");
        traits_.runsInline = traits_.runsInline && traits.runsInline;
        traits_.exchanges = traits_.exchanges || traits.exchanges;
        if (&member == &members_.front()) continue;
        traits_.authorizationServers.insert(traits_.authorizationServers.end(), traits.authorizationServers.begin(),
                                            traits.authorizationServers.end());
    }
}

Judgement Chain::decide(const TokenRequest& request) {
    std::string asked;
    CachePolicy cache = CachePolicy::forToken();
    for (const Member& member : members_) {
        Verdict verdict = ask(member, request);
        TokenValidator* const decider = member.validator->traits().exchanges ? member.validator : this;
        if (!isNotMine(verdict)) return {named(std::move(verdict), member.name, cache), decider};
        cache = cache.narrowedBy(std::get<Rejected>(verdict).cache);
        asked.append(asked.empty() ? "" : ", ").append(member.name);
    }
    return {Rejected{Rejected::Reason::notMine, "none of " + asked + " knows this kind of token", cache, {}}};
}

ExchangeAnswer Chain::exchange(const ExchangeRequest& /*request*/) {
    return ExchangeRefused{"the validator that accepted the token does not exchange it"};
}

// In a trace, the member's name stands before its rules.
Verdict Chain::ask(const Member& member, const TokenRequest& request) {
    if (!request.trace) return member.validator->validate(request);
    std::vector<TokenCheck> trace;
    TokenRequest traced = request;
    traced.trace = &trace;
    Verdict verdict = member.validator->validate(traced);
    for (TokenCheck& check : trace)
        request.trace->push_back({member.name + ": " + check.rule, check.passed, std::move(check.detail)});
    return verdict;
}

std::string Chain::notReady() const {
    std::string words;
    for (const Member& member : members_) {
        const std::string why = member.validator->notReady();
        if (why.empty()) return {};
        words.append(words.empty() ? "" : "; ").append(member.name).append(": ").append(why);
    }
    return words;
}

void Chain::identityGone(std::string_view isolationKey) {
    for (const Member& member : members_) member.validator->identityGone(isolationKey);
}

} // namespace gatehouse
