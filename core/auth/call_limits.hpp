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

// Room for one call. Given back when it ends without having been used.
class HeldCall {
public:
    using Room = std::shared_ptr<std::atomic<std::int64_t>>; // what has come back to a window
    explicit HeldCall(std::vector<Room> rooms = {}) : rooms_(std::move(rooms)) {}
    ~HeldCall() {
        for (const Room& room : rooms_) room->fetch_add(1);
    }
    HeldCall(HeldCall&&) = default;
    HeldCall& operator=(HeldCall&& other) noexcept {
        std::swap(rooms_, other.rooms_);
        return *this;
    }
    void use() { rooms_.clear(); }

private:
    std::vector<Room> rooms_;
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
        HeldCall::Room returned;
    };
    struct Token {
        std::string id;
        std::array<Window, 3> windows;
    };
    struct Need { // one window of a call
        Window* window = nullptr;
        const std::string* id = nullptr;
        std::int64_t limit = 0;
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
    static void takeBack(Window& window);
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
