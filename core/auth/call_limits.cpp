#include "auth/call_limits.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {

namespace {

constexpr std::array kinds{LimitWindow::life, LimitWindow::hour, LimitWindow::burst};

std::int64_t limitOf(const TokenTerms& terms, LimitWindow kind) {
    switch (kind) {
        case LimitWindow::hour: return terms.callsPerHour;
        case LimitWindow::burst: return terms.burst;
        case LimitWindow::life: return terms.maxCalls;
    }
    return 0;
}

} // namespace

CallLimits::Token& CallLimits::tokenOf(const std::string& id) {
    const auto known = byId_.find(id);
    if (known != byId_.end()) {
        tokens_.splice(tokens_.begin(), tokens_, known->second);
        return tokens_.front();
    }
    if (tokens_.size() >= maxTokens) {
        byId_.erase(tokens_.back().id);
        tokens_.pop_back();
    }
    tokens_.push_front(Token{.id = id, .windows = {}});
    for (std::size_t i = 0; i < kinds.size(); ++i) tokens_.front().windows[i].kind = kinds[i];
    byId_[id] = tokens_.begin();
    return tokens_.front();
}

// Looked at first, as there is seldom any: an exchange costs ten times a look.
void CallLimits::takeBack(Token& token, std::size_t at) {
    auto& returned = (*token.returned)[at];
    if (returned.load(std::memory_order_relaxed) != 0) token.windows[at].left += returned.exchange(0);
}

// The windows that a call needs room in, each with what has come back to it.
CallLimits::Needs CallLimits::needsOf(const TokenRules& rules) {
    Needs out;
    out.reserve(kinds.size() * rules.levels().size());
    for (const TokenRules::Level& level : rules.levels())
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            const std::int64_t limit = limitOf(level.terms, kinds[i]);
            if (limit == 0) continue;
            Token& token = tokenOf(level.id);
            takeBack(token, i);
            out.push_back({&token, i, limit});
        }
    return out;
}

bool CallLimits::isReady(const Need& need, WallTime now) {
    const Window& window = need.window();
    return window.left > 0 && window.limit == need.limit && window.step == LimitLedger::stepOf(window.kind, now);
}

// Of a window that is not ready.
std::optional<LimitRefusal> CallLimits::refusalOf(const Need& need) const {
    const Window& window = need.window();
    if (window.limit != need.limit || window.emptyUntil <= clock_.steady()) return std::nullopt;
    if (window.kind == LimitWindow::life) return LimitRefusal{.why = LimitRefusal::Why::usedUp};
    return LimitRefusal{.why = LimitRefusal::Why::rate, .wait = std::max(window.resets, std::chrono::seconds(1))};
}

std::optional<LimitAnswer> CallLimits::take(const TokenRules& rules) {
    const Needs needs = needsOf(rules);
    const WallTime now = clock_.wall();
    bool isAllReady = true;
    for (const Need& need : needs) {
        if (isReady(need, now)) continue;
        if (const auto refusal = refusalOf(need)) return *refusal;
        isAllReady = false;
    }
    if (!isAllReady) return std::nullopt;
    HeldCall held;
    for (const Need& need : needs) {
        --need.window().left;
        held.hold(need.token->returned, need.at);
    }
    return held;
}

LimitAnswer CallLimits::takeNow(const TokenRules& rules) {
    auto answer = take(rules);
    return answer ? std::move(*answer) : LimitAnswer(LimitRefusal{});
}

// One question at a time for each token; who comes meanwhile waits for its answer.
void CallLimits::takeLater(const TokenRulesPtr& rules, Done done) {
    const std::string& id = rules->levels().front().id;
    Line& line = lines_[id];
    line.push_back({.rules = rules, .done = std::move(done)});
    if (line.size() == 1) launch(id);
}

// What is left of a slice goes back with the question, and is nobody's until it is answered.
LimitWish CallLimits::wishOf(const Need& need, std::int64_t calls) const {
    return {.tokenId = need.token->id,
            .window = need.window().kind,
            .limit = need.limit,
            .calls = calls,
            .unusedStep = need.window().step,
            .unused = std::exchange(need.window().left, 0)};
}

void CallLimits::launch(const std::string& id) {
    const Line& line = lines_.at(id);
    std::vector<LimitWish> wishes;
    for (const Need& need : needsOf(*line.back().rules))
        if (!isReady(need, clock_.wall())) wishes.push_back(wishOf(need, static_cast<std::int64_t>(line.size())));
    if (wishes.empty()) return granted(id, {}, std::vector<LimitGrant>());
    ask_(wishes, [this, id, wishes](const Grants& grants) { granted(id, wishes, grants); });
}

CallLimits::Window& CallLimits::windowOf(const LimitWish& wish) {
    auto& windows = tokenOf(wish.tokenId).windows;
    return *std::find_if(windows.begin(), windows.end(), [&](const Window& one) { return one.kind == wish.window; });
}

void CallLimits::put(const LimitWish& wish, const LimitGrant& grant) {
    Window& window = windowOf(wish);
    window.limit = wish.limit;
    window.step = grant.step;
    window.left = grant.calls;
    window.remaining = grant.remaining;
    window.resets = grant.resets;
    window.emptyUntil = grant.calls == 0 ? clock_.steady() + askAgain : SteadyTime{};
}

// Who still finds no room asks again, a few times: a step may have ended meanwhile.
void CallLimits::granted(const std::string& id, const std::vector<LimitWish>& wishes, const Grants& grants) {
    Line line = std::move(lines_.at(id));
    lines_.erase(id);
    for (std::size_t i = 0; i < wishes.size(); ++i)
        if (grants) put(wishes[i], (*grants)[i]);
        else windowOf(wishes[i]).left += wishes[i].unused;
    Line again;
    for (Waiting& one : line) {
        std::optional<LimitAnswer> answer;
        if (!grants || ++one.tries > maxTries) answer = LimitRefusal{.why = LimitRefusal::Why::unknown};
        else answer = take(*one.rules);
        if (answer) one.done(std::move(*answer));
        else again.push_back(std::move(one));
    }
    if (again.empty()) return;
    Line& fresh = lines_[id]; // who came meanwhile asks already
    const bool isAsked = !fresh.empty();
    fresh.insert(fresh.end(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
    if (!isAsked) launch(id);
}

LimitState CallLimits::stateOf(const std::string& tokenId, const TokenTerms& terms) {
    LimitState out{.limit = terms.callsPerHour, .remaining = terms.callsPerHour};
    if (terms.callsPerHour == 0) return out;
    const auto known = byId_.find(tokenId);
    if (known == byId_.end()) return out;
    const Window& hour = known->second->windows[1];
    if (hour.limit != terms.callsPerHour) return out;
    out.remaining = hour.remaining + hour.left + (*known->second->returned)[1].load();
    out.resets = hour.resets > std::chrono::seconds(0) ? hour.resets : std::chrono::seconds(3600);
    return out;
}

std::int64_t CallLimits::leftOf(const std::string& tokenId) {
    const auto known = byId_.find(tokenId);
    if (known == byId_.end()) return 0;
    const Window& hour = known->second->windows[1];
    return hour.left + (*known->second->returned)[1].load();
}

std::vector<LimitWish> CallLimits::takeUnused() {
    std::vector<LimitWish> out;
    for (Token& token : tokens_)
        for (std::size_t i = 0; i < limitWindows; ++i) {
            takeBack(token, i);
            if (token.windows[i].left > 0) out.push_back(wishOf({&token, i, token.windows[i].limit}, 0));
        }
    return out;
}

} // namespace gatehouse
