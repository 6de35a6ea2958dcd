// CallLimits: how often a token may call: in any 60 minutes, in any 10 seconds, and in its life.
//
// A window slides by 60 (or 10) equal steps: what was counted within the last whole step and the 60 (10) before it
// counts. So no span of that length holds more than the limit, wherever it begins; at worst a call waits one step
// longer than it had to.
// Bounded: what is not used for as long as its windows are is forgotten, and of more than `maxTokens` the one that was
// used longest ago.
// Threads: one (the loop's).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auth/token_rules.hpp"
#include "base/clock.hpp"

namespace gatehouse {

// Counts in a window that slides by `Steps` steps of `Seconds`.
template <std::size_t Steps, std::int64_t Seconds>
class SlidingCount {
public:
    std::int64_t within(SteadyTime now) {
        turnTo(stepOf(now));
        return sum_;
    }
    void add(SteadyTime now) {
        turnTo(stepOf(now));
        ++counts_[static_cast<std::size_t>(step_) % counts_.size()];
        ++sum_;
    }
    // Calls of so many steps ago that another process, or this one before its start, has counted.
    void seed(SteadyTime now, std::int64_t stepsAgo, std::int64_t calls) {
        turnTo(stepOf(now));
        if (stepsAgo < 0 || stepsAgo >= static_cast<std::int64_t>(counts_.size())) return;
        counts_[static_cast<std::size_t>(step_ - stepsAgo) % counts_.size()] += static_cast<std::int32_t>(calls);
        sum_ += calls;
    }
    // Until the oldest count is out of the window.
    std::chrono::seconds untilNext(SteadyTime now) {
        const std::int64_t step = stepOf(now);
        turnTo(step);
        for (std::int64_t at = step - static_cast<std::int64_t>(Steps); at <= step; ++at)
            if (at >= 0 && counts_[static_cast<std::size_t>(at) % counts_.size()] > 0)
                return std::chrono::seconds((at + static_cast<std::int64_t>(counts_.size())) * Seconds) -
                       std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
        return std::chrono::seconds(0);
    }

private:
    static std::int64_t stepOf(SteadyTime now) {
        return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count() / Seconds;
    }
    void turnTo(std::int64_t step) {
        const auto size = static_cast<std::int64_t>(counts_.size());
        for (std::int64_t at = std::max(step_ + 1, step - size + 1); at <= step; ++at) {
            auto& count = counts_[static_cast<std::size_t>(at) % counts_.size()];
            sum_ -= count;
            count = 0;
        }
        step_ = std::max(step_, step);
    }

    std::array<std::int32_t, Steps + 1> counts_{};
    std::int64_t step_ = -1;
    std::int64_t sum_ = 0;
};

// Where a token stands, for headers (draft-ietf-httpapi-ratelimit-headers) and for its owner.
struct LimitState {
    std::int64_t limit = 0; // calls in any 60 minutes; 0: no limit
    std::int64_t remaining = 0;
    std::chrono::seconds resets{0}; // until there is one more
};

class CallLimits {
public:
    static constexpr std::size_t maxTokens = 100'000;

    // What a token has done before it is seen here. Asked on the loop, once for each token that has limits.
    struct Known {
        std::int64_t total = 0;
        std::vector<std::int64_t> byMinute = {}; // the present one first
    };
    using KnownOf = std::function<Known(const std::string& tokenId)>;

    explicit CallLimits(const Clock& clock, KnownOf knownOf = {}) : clock_(clock), knownOf_(std::move(knownOf)) {}

    // Counts a call of a token, and of all that it was derived from; or, when that is one too many for one of them, the
    // time after which another is worth a try: noMore when it has made all that it may make in its life.
    std::optional<std::chrono::seconds> count(const TokenRules& rules);
    static constexpr std::chrono::seconds noMore = std::chrono::seconds::max();
    LimitState stateOf(const std::string& tokenId, const TokenTerms& terms);

private:
    struct Token {
        std::string id;
        SlidingCount<60, 60> hour;
        SlidingCount<10, 1> burst;
        std::int64_t total = 0;
        SteadyTime lastUsed{};
    };
    using Tokens = std::list<Token>; // front: the latest used
    Token& tokenOf(const std::string& id);
    std::optional<std::chrono::seconds> wait(const TokenRules::Level& level, SteadyTime now);
    void seed(Token& token) const;
    void forgetOld();

    const Clock& clock_;
    const KnownOf knownOf_; // none: nothing is known
    Tokens tokens_;
    std::unordered_map<std::string, Tokens::iterator> byId_;
};

} // namespace gatehouse
