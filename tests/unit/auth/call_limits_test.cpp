#include "auth/call_limits.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

TokenRules rulesOf(TokenTerms terms, const std::string& id = "a", std::shared_ptr<const TokenEntry> parent = nullptr) {
    TokenEntry entry = sampleEntry(id, id);
    entry.terms = std::move(terms);
    TokenMatch match{.entry = std::make_shared<const TokenEntry>(entry)};
    if (parent) match.parents = {parent};
    return TokenRules(match);
}

} // namespace

TEST_CASE("a token without limits is never held up, and takes no room") {
    TurnableClock clock;
    CallLimits limits(clock);
    const TokenRules rules = rulesOf({});
    for (int i = 0; i < 1000; ++i) REQUIRE_FALSE(limits.count(rules));
    CHECK(limits.stateOf("a", {}).limit == 0);
}

TEST_CASE("of a limit of five an hour the sixth call waits, and says for how long") {
    TurnableClock clock;
    CallLimits limits(clock);
    const TokenRules rules = rulesOf({.callsPerHour = 5}), other = rulesOf({.callsPerHour = 5}, "b");
    for (int i = 0; i < 5; ++i) {
        REQUIRE_FALSE(limits.count(rules));
        clock.turn(1s);
    }
    const auto wait = limits.count(rules);
    REQUIRE(wait);
    CHECK(*wait > 0s);
    CHECK(*wait <= 3600s);
    CHECK_FALSE(limits.count(other)); // each token by itself
    const auto state = limits.stateOf("a", {.callsPerHour = 5});
    CHECK(state.remaining == 0);
    CHECK(state.resets > 0s);
    clock.turn(61min);
    CHECK_FALSE(limits.count(rules));
    CHECK(limits.stateOf("a", {.callsPerHour = 5}).remaining == 4);
}

TEST_CASE("after a higher limit the next call passes, and what was counted counts") {
    TurnableClock clock;
    CallLimits limits(clock);
    for (int i = 0; i < 2; ++i) REQUIRE_FALSE(limits.count(rulesOf({.callsPerHour = 2})));
    REQUIRE(limits.count(rulesOf({.callsPerHour = 2})));
    CHECK_FALSE(limits.count(rulesOf({.callsPerHour = 3})));
    CHECK(limits.count(rulesOf({.callsPerHour = 3})));
}

TEST_CASE("a burst is calls in any ten seconds") {
    TurnableClock clock;
    CallLimits limits(clock);
    const TokenRules rules = rulesOf({.burst = 3});
    for (int i = 0; i < 3; ++i) REQUIRE_FALSE(limits.count(rules));
    const auto wait = limits.count(rules);
    REQUIRE(wait);
    CHECK(*wait <= 11s);
    clock.turn(*wait);
    CHECK_FALSE(limits.count(rules));
}

// Windows of a fixed beginning let twice the limit through around it.
TEST_CASE("no hour holds more calls than the limit, wherever it begins") {
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        TurnableClock clock;
        CallLimits limits(clock);
        const TokenRules rules = rulesOf({.callsPerHour = 30});
        std::vector<SteadyTime> passed;
        for (int i = 0; i < 2000; ++i) {
            clock.turn(std::chrono::milliseconds(random() % 20'000));
            if (!limits.count(rules)) passed.push_back(clock.steady());
        }
        for (std::size_t first = 0; first + 30 < passed.size(); ++first)
            REQUIRE(passed[first + 30] - passed[first] > 60min);
        CHECK(passed.size() > 150); // and it is used
    }
}

TEST_CASE("a wait that was told is enough") {
    std::mt19937 random(11);
    TurnableClock clock;
    CallLimits limits(clock);
    const TokenRules rules = rulesOf({.burst = 4});
    for (int i = 0; i < 500; ++i) {
        clock.turn(std::chrono::milliseconds(random() % 3'000));
        if (const auto wait = limits.count(rules)) {
            clock.turn(*wait);
            REQUIRE_FALSE(limits.count(rules));
        }
    }
}

TEST_CASE("a call of what was derived counts for its parent, and none is counted that is refused") {
    TurnableClock clock;
    CallLimits limits(clock);
    TokenEntry parent = sampleEntry("parent", "p");
    parent.terms.callsPerHour = 3;
    const auto shared = std::make_shared<const TokenEntry>(parent);
    const TokenRules child = rulesOf({.callsPerHour = 2}, "child", shared), own = rulesOf(parent.terms, "parent");
    REQUIRE_FALSE(limits.count(child));
    REQUIRE_FALSE(limits.count(child));
    for (int i = 0; i < 5; ++i) REQUIRE(limits.count(child)); // by its own limit
    REQUIRE_FALSE(limits.count(own));
    CHECK(limits.count(own));
}

TEST_CASE("what was counted before counts: a restart does not begin the hour anew") {
    TurnableClock clock;
    CallLimits limits(clock, [](const std::string& id) {
        CallLimits::Known known;
        if (id == "a") known = {.total = 7, .byMinute = {1, 0, 2}};
        return known;
    });
    const TokenRules rules = rulesOf({.callsPerHour = 5});
    for (int i = 0; i < 2; ++i) REQUIRE_FALSE(limits.count(rules));
    CHECK(limits.count(rules));
    clock.turn(59min); // the two calls of two minutes before are out of the window
    CHECK_FALSE(limits.count(rules));
    CHECK_FALSE(limits.count(rulesOf({.callsPerHour = 5}, "b")));
}

TEST_CASE("a token that may make so many calls in its life makes no more") {
    TurnableClock clock;
    CallLimits limits(clock, [](const std::string&) { return CallLimits::Known{.total = 7}; });
    const TokenRules rules = rulesOf({.maxCalls = 9});
    for (int i = 0; i < 2; ++i) REQUIRE_FALSE(limits.count(rules));
    CHECK(limits.count(rules) == CallLimits::noMore);
    clock.turn(24h);
    CHECK(limits.count(rules) == CallLimits::noMore);
}
