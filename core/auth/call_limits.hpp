// CallLimits: how often a token may call: in any 60 minutes, in any 10 seconds, and in its life. What this process may
// let through by itself is a slice of what the ledger of the store has (tokens/limit_ledger.hpp); when one is used up,
// the next is asked for on a worker, and the calls of that token wait for it.
//
// A call takes one of each window of its token, and of all that the token was derived from; what is not used after all
// goes back. Bounded: of more than `maxTokens` the one that was used longest ago is forgotten.
// Threads: one (the loop's); a HeldCall may end on any.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "auth/token_rules.hpp"
#include "base/clock.hpp"
#include "tokens/limit_ledger.hpp"

namespace gatehouse {

// Where a token stands, for headers (draft-ietf-httpapi-ratelimit-headers) and for its owner.
struct LimitState {
    std::int64_t limit = 0; // calls in any 60 minutes; 0: no limit
    std::int64_t remaining = 0;
    std::chrono::seconds resets{0}; // until there is one more
};

constexpr std::size_t limitWindows = 3; // life, hour, burst

// Room for one call. Given back when it ends without having been used.
class HeldCall {
public:
    using Returned = std::array<std::atomic<std::int64_t>, limitWindows>; // what has come back to a token's windows
    struct Room {                                                         // in some windows of one token
        std::shared_ptr<Returned> returned;
        std::array<bool, limitWindows> windows{};
    };
    HeldCall() = default;
    ~HeldCall() {
        giveBack(own_);
        for (const Room& room : parents_) giveBack(room);
    }
    HeldCall(HeldCall&& other) noexcept { *this = std::move(other); }
    HeldCall& operator=(HeldCall&& other) noexcept {
        std::swap(own_, other.own_);
        std::swap(parents_, other.parents_);
        return *this;
    }
    // One token after the other.
    void hold(const std::shared_ptr<Returned>& returned, std::size_t window) {
        if (own_.returned && last().returned != returned) parents_.emplace_back();
        if (!last().returned) last().returned = returned;
        last().windows[window] = true;
    }
    void use() {
        own_ = {};
        parents_.clear();
    }

private:
    Room& last() { return parents_.empty() ? own_ : parents_.back(); }
    static void giveBack(const Room& room) {
        for (std::size_t i = 0; room.returned && i < limitWindows; ++i)
            if (room.windows[i]) (*room.returned)[i].fetch_add(1);
    }

    Room own_;
    std::vector<Room> parents_; // that the token was derived from
};

struct LimitRefusal {
    enum class Why {
        rate,    // too often; try again after `wait`
        usedUp,  // it has made all the calls of its life
        unknown, // the ledger cannot answer
    };
    Why why = Why::rate;
    std::chrono::seconds wait{1};
};

using LimitAnswer = std::variant<HeldCall, LimitRefusal>;

class CallLimits {
public:
    static constexpr std::size_t maxTokens = 100'000;
    static constexpr int maxTries = 4;                 // for a slice, before a call is refused
    static constexpr std::chrono::seconds askAgain{1}; // after there was none left

    using Grants = std::optional<std::vector<LimitGrant>>; // nothing: that cannot be said now
    using Granted = std::function<void(const Grants&)>;
    // Asks the ledger; `done` is called on the loop, later or at once.
    using Ask = std::function<void(const std::vector<LimitWish>& wishes, Granted done)>;
    using Done = std::function<void(LimitAnswer)>;

    CallLimits(const Clock& clock, Ask ask) : clock_(clock), ask_(std::move(ask)) {}

    // The answer, when it is known at once; else what takeLater asks about.
    std::optional<LimitAnswer> take(const TokenRules& rules);
    void takeLater(const TokenRulesPtr& rules, Done done);
    // The same without waiting: what would have to be asked about is refused for a second.
    LimitAnswer takeNow(const TokenRules& rules);

    LimitState stateOf(const std::string& tokenId, const TokenTerms& terms);
    // Of the hour, what this process has taken and not used.
    std::int64_t leftOf(const std::string& tokenId);
    // All that was taken and is not used, to be given back at the end.
    std::vector<LimitWish> takeUnused();

private:
    struct Window {
        LimitWindow kind = LimitWindow::hour;
        std::int64_t limit = 0, step = 0; // that `left` was taken for
        std::int64_t left = 0;
        std::int64_t remaining = 0; // for all others, when it was taken
        std::chrono::seconds resets{0};
        SteadyTime emptyUntil{}; // there was none left; not asked before
    };
    struct Token {
        std::string id;
        std::array<Window, limitWindows> windows;
        std::shared_ptr<HeldCall::Returned> returned = std::make_shared<HeldCall::Returned>();
    };
    struct Need { // one window of a call
        Token* token = nullptr;
        std::size_t at = 0; // of its windows
        std::int64_t limit = 0;
        Window& window() const { return token->windows[at]; }
    };
    using Needs = boost::container::small_vector<Need, 3>; // most tokens have no parent
    struct Waiting {
        TokenRulesPtr rules;
        Done done;
        int tries = 0;
    };
    using Tokens = std::list<Token>; // front: the latest used
    using Line = std::vector<Waiting>;
    Token& tokenOf(const std::string& id);
    static void takeBack(Token& token, std::size_t at);
    Needs needsOf(const TokenRules& rules);
    static bool isReady(const Need& need, WallTime now);
    std::optional<LimitRefusal> refusalOf(const Need& need) const;
    LimitWish wishOf(const Need& need, std::int64_t calls) const;
    void launch(const std::string& id);
    void granted(const std::string& id, const std::vector<LimitWish>& wishes, const Grants& grants);
    Window& windowOf(const LimitWish& wish);
    void put(const LimitWish& wish, const LimitGrant& grant);

    const Clock& clock_;
    const Ask ask_;
    Tokens tokens_;
    std::unordered_map<std::string, Tokens::iterator> byId_;
    std::unordered_map<std::string, Line> lines_; // of calls that wait, by their token
};

} // namespace gatehouse
