#include "auth/call_limits.hpp"

#include <algorithm>

namespace gatehouse {

namespace {

constexpr std::chrono::minutes longestWindow{61};

// The window is up to a step longer than the hour that people are told of.
template <typename Hour>
std::chrono::seconds resetOf(Hour& hour, SteadyTime now) {
    return std::min(hour.untilNext(now), std::chrono::seconds(3600));
}

} // namespace

CallLimits::Token& CallLimits::tokenOf(const std::string& id) {
    const auto known = byId_.find(id);
    if (known != byId_.end()) {
        tokens_.splice(tokens_.begin(), tokens_, known->second);
    } else {
        forgetOld();
        tokens_.push_front(Token{.id = id, .hour = {}, .burst = {}});
        byId_[id] = tokens_.begin();
        if (knownOf_) seed(tokens_.front());
    }
    tokens_.front().lastUsed = clock_.steady();
    return tokens_.front();
}

// So that a restart does not begin the hour anew.
void CallLimits::seed(Token& token) const {
    const Known known = knownOf_(token.id);
    token.total = known.total;
    for (std::size_t minute = 0; minute < known.byMinute.size(); ++minute)
        if (known.byMinute[minute] > 0)
            token.hour.seed(clock_.steady(), static_cast<std::int64_t>(minute), known.byMinute[minute]);
}

void CallLimits::forgetOld() {
    const SteadyTime now = clock_.steady();
    while (!tokens_.empty() && (tokens_.size() >= maxTokens || now - tokens_.back().lastUsed > longestWindow)) {
        byId_.erase(tokens_.back().id);
        tokens_.pop_back();
    }
}

std::optional<std::chrono::seconds> CallLimits::wait(const TokenRules::Level& level, SteadyTime now) {
    Token& token = tokenOf(level.id);
    const TokenTerms& terms = level.terms;
    if (terms.maxCalls > 0 && token.total >= terms.maxCalls) return noMore;
    if (terms.callsPerHour > 0 && token.hour.within(now) >= terms.callsPerHour)
        return std::max(resetOf(token.hour, now), std::chrono::seconds(1));
    if (terms.burst > 0 && token.burst.within(now) >= terms.burst)
        return std::max(token.burst.untilNext(now), std::chrono::seconds(1));
    return std::nullopt;
}

std::optional<std::chrono::seconds> CallLimits::count(const TokenRules& rules) {
    const SteadyTime now = clock_.steady();
    const auto isLimited = [](const TokenRules::Level& level) {
        return level.terms.callsPerHour > 0 || level.terms.burst > 0 || level.terms.maxCalls > 0;
    };
    for (const TokenRules::Level& level : rules.levels())
        if (isLimited(level))
            if (const auto longer = wait(level, now)) return longer;
    for (const TokenRules::Level& level : rules.levels()) {
        if (!isLimited(level)) continue;
        Token& token = tokenOf(level.id);
        token.hour.add(now);
        token.burst.add(now);
        ++token.total;
    }
    return std::nullopt;
}

LimitState CallLimits::stateOf(const std::string& tokenId, const TokenTerms& terms) {
    LimitState out{.limit = terms.callsPerHour, .remaining = terms.callsPerHour};
    const auto known = byId_.find(tokenId);
    if (known == byId_.end() || terms.callsPerHour == 0) return out;
    const SteadyTime now = clock_.steady();
    out.remaining = std::max<std::int64_t>(0, terms.callsPerHour - known->second->hour.within(now));
    out.resets = resetOf(known->second->hour, now);
    return out;
}

} // namespace gatehouse
