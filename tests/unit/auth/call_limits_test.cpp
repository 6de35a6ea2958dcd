#include "auth/call_limits.hpp"

#include <deque>
#include <random>

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"
#include "tokens/sqlite_database.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

TokenRulesPtr rulesOf(TokenTerms terms, const std::string& id = "a",
                      std::shared_ptr<const TokenEntry> parent = nullptr) {
    TokenEntry entry = sampleEntry(id, id);
    entry.terms = std::move(terms);
    TokenMatch match{.entry = std::make_shared<const TokenEntry>(entry)};
    if (parent) match.parents = {parent};
    return std::make_shared<const TokenRules>(match);
}

// The ledger of a store, which several processes may use.
struct Store {
    ScratchFolder folder;
    TurnableClock clock;
    SqliteSource source{folder.file("use.db"), SqliteDatabase::Sync::normal};
    LimitLedger ledger{source, clock};
};

// One process. What it asks the ledger is answered at once, or when the test says so.
struct Process {
    explicit Process(Store& shared) : store(shared) {}
    // Nothing: the call was made.
    std::optional<LimitRefusal> call(const TokenRulesPtr& rules) {
        std::optional<LimitAnswer> answer = limits.take(*rules);
        if (!answer) limits.takeLater(rules, [&](LimitAnswer later) { answer = std::move(later); });
        REQUIRE(answer);
        if (auto* held = std::get_if<HeldCall>(&*answer)) return held->use(), std::nullopt;
        return std::get<LimitRefusal>(*answer);
    }
    void answerOne(bool isDown = false) {
        const auto [wishes, granted] = asked.front();
        asked.pop_front();
        ++questions;
        granted(isDown ? CallLimits::Grants() : CallLimits::Grants(store.ledger.take(wishes)));
    }
    Store& store;
    bool answersAtOnce = true;
    int questions = 0;
    std::deque<std::pair<std::vector<LimitWish>, CallLimits::Granted>> asked;
    CallLimits limits{store.clock, [this](const auto& wishes, auto granted) {
                          asked.emplace_back(wishes, std::move(granted));
                          if (answersAtOnce) answerOne();
                      }};
};

} // namespace

TEST_CASE("a token without limits is never held up, and asks nobody") {
    Store store;
    Process process(store);
    const auto rules = rulesOf({});
    for (int i = 0; i < 1000; ++i) REQUIRE_FALSE(process.call(rules));
    CHECK(process.limits.stateOf("a", {}).limit == 0);
    CHECK(process.questions == 0);
}

TEST_CASE("of a limit of five an hour the sixth call waits, and says for how long") {
    Store store;
    Process process(store);
    const auto rules = rulesOf({.callsPerHour = 5}), other = rulesOf({.callsPerHour = 5}, "b");
    for (int i = 0; i < 5; ++i) {
        REQUIRE_FALSE(process.call(rules));
        store.clock.turn(1s);
    }
    const auto refusal = process.call(rules);
    REQUIRE(refusal);
    CHECK(refusal->why == LimitRefusal::Why::rate);
    CHECK(refusal->wait > 0s);
    CHECK(refusal->wait <= 3600s);
    CHECK_FALSE(process.call(other)); // each token by itself
    const auto state = process.limits.stateOf("a", {.callsPerHour = 5});
    CHECK(state.remaining == 0);
    CHECK(state.resets > 0s);
    store.clock.turn(61min);
    CHECK_FALSE(process.call(rules));
    CHECK(process.limits.stateOf("a", {.callsPerHour = 5}).remaining == 4);
}

TEST_CASE("who is over the limit does not ask the ledger with each call") {
    Store store;
    Process process(store);
    const auto rules = rulesOf({.callsPerHour = 1});
    REQUIRE_FALSE(process.call(rules));
    for (int i = 0; i < 100; ++i) REQUIRE(process.call(rules));
    CHECK(process.questions == 2);
    store.clock.turn(CallLimits::askAgain);
    REQUIRE(process.call(rules));
    CHECK(process.questions == 3);
}

TEST_CASE("after a higher limit the next call passes, and what was counted counts") {
    Store store;
    Process process(store);
    for (int i = 0; i < 2; ++i) REQUIRE_FALSE(process.call(rulesOf({.callsPerHour = 2})));
    REQUIRE(process.call(rulesOf({.callsPerHour = 2})));
    CHECK_FALSE(process.call(rulesOf({.callsPerHour = 3})));
    CHECK(process.call(rulesOf({.callsPerHour = 3})));
}

TEST_CASE("after a lower limit nothing is left of what was taken for the higher one") {
    Store store;
    Process process(store);
    REQUIRE_FALSE(process.call(rulesOf({.callsPerHour = 1000}))); // takes ten
    CHECK(process.call(rulesOf({.callsPerHour = 1})));
    CHECK(store.ledger.look("a", LimitWindow::hour, 1000).remaining == 999);
}

TEST_CASE("a burst is calls in any ten seconds") {
    Store store;
    Process process(store);
    const auto rules = rulesOf({.burst = 3});
    for (int i = 0; i < 3; ++i) REQUIRE_FALSE(process.call(rules));
    const auto refusal = process.call(rules);
    REQUIRE(refusal);
    CHECK(refusal->wait <= 11s);
    store.clock.turn(refusal->wait);
    CHECK_FALSE(process.call(rules));
}

// Windows of a fixed beginning let twice the limit through around it.
TEST_CASE("no hour holds more calls than the limit, wherever it begins, in all processes together") {
    std::mt19937 random(7);
    for (int round = 0; round < 6; ++round) {
        Store store;
        Process processes[] = {Process(store), Process(store)};
        const auto rules = rulesOf({.callsPerHour = 30});
        std::vector<SteadyTime> passed;
        for (int i = 0; i < 2000; ++i) {
            store.clock.turn(std::chrono::milliseconds(random() % 20'000));
            if (!processes[random() % 2].call(rules)) passed.push_back(store.clock.steady());
        }
        for (std::size_t first = 0; first + 30 < passed.size(); ++first)
            REQUIRE(passed[first + 30] - passed[first] > 60min);
        CHECK(passed.size() > 150); // and it is used
    }
}

TEST_CASE("slices larger than one call do not let more through either, and are used") {
    std::mt19937 random(5);
    Store store;
    Process processes[] = {Process(store), Process(store), Process(store)};
    const auto rules = rulesOf({.callsPerHour = 2'000});
    std::vector<SteadyTime> passed;
    for (int i = 0; i < 12'000; ++i) {
        store.clock.turn(std::chrono::milliseconds(random() % 2'000));
        if (!processes[random() % 3].call(rules)) passed.push_back(store.clock.steady());
    }
    for (std::size_t first = 0; first + 2'000 < passed.size(); ++first)
        REQUIRE(passed[first + 2'000] - passed[first] > 60min);
    CHECK(passed.size() > 2'000 * 3 * 97 / 100);
}

TEST_CASE("while a slice lasts nobody is asked") {
    Store store;
    Process process(store);
    for (int i = 0; i < 20; ++i) REQUIRE_FALSE(process.call(rulesOf({.callsPerHour = 2'000})));
    CHECK(process.questions == 1);
}

TEST_CASE("a wait that was told is enough") {
    std::mt19937 random(11);
    Store store;
    Process process(store);
    const auto rules = rulesOf({.burst = 4});
    for (int i = 0; i < 500; ++i) {
        store.clock.turn(std::chrono::milliseconds(random() % 3'000));
        if (const auto refusal = process.call(rules)) {
            store.clock.turn(refusal->wait);
            REQUIRE_FALSE(process.call(rules));
        }
    }
}

TEST_CASE("a call of what was derived counts for its parent, and none is counted that is refused") {
    Store store;
    Process process(store);
    TokenEntry parent = sampleEntry("parent", "p");
    parent.terms.callsPerHour = 3;
    const auto shared = std::make_shared<const TokenEntry>(parent);
    const auto child = rulesOf({.callsPerHour = 2}, "child", shared), own = rulesOf(parent.terms, "parent");
    REQUIRE_FALSE(process.call(child));
    REQUIRE_FALSE(process.call(child));
    for (int i = 0; i < 5; ++i) REQUIRE(process.call(child)); // by its own limit
    REQUIRE_FALSE(process.call(own));
    CHECK(process.call(own));
}

TEST_CASE("a restart does not begin the hour anew, and what was not used is not lost") {
    Store store;
    const auto rules = rulesOf({.callsPerHour = 500});
    {
        Process process(store);
        REQUIRE_FALSE(process.call(rules)); // takes five
        store.ledger.giveBack(process.limits.takeUnused());
    }
    CHECK(store.ledger.look("a", LimitWindow::hour, 500).remaining == 499);
    Process again(store);
    for (int i = 0; i < 499; ++i) REQUIRE_FALSE(again.call(rules));
    CHECK(again.call(rules));
}

TEST_CASE("a token that may make so many calls in its life makes no more") {
    Store store;
    const auto rules = rulesOf({.maxCalls = 9});
    for (int round = 0; round < 3; ++round) {
        Process process(store);
        for (int i = 0; i < 3; ++i) REQUIRE_FALSE(process.call(rules));
    }
    Process process(store);
    REQUIRE(process.call(rules));
    CHECK(process.call(rules)->why == LimitRefusal::Why::usedUp);
    store.clock.turn(24h);
    CHECK(process.call(rules)->why == LimitRefusal::Why::usedUp);
}

TEST_CASE("room that is not used goes back") {
    Store store;
    Process process(store);
    const auto rules = rulesOf({.callsPerHour = 1});
    process.limits.takeLater(rules, [](LimitAnswer answer) { CHECK(std::holds_alternative<HeldCall>(answer)); });
    REQUIRE_FALSE(process.call(rules));
    CHECK(process.call(rules));
}

TEST_CASE("room that a derived token did not use goes back to all that it was taken from, in each window") {
    Store store;
    Process process(store);
    TokenEntry parent = sampleEntry("parent", "p");
    parent.terms = {.callsPerHour = 1, .burst = 1};
    const auto shared = std::make_shared<const TokenEntry>(parent);
    const auto child = rulesOf({.callsPerHour = 1, .burst = 1, .maxCalls = 1}, "child", shared);
    for (int i = 0; i < 3; ++i)
        process.limits.takeLater(child, [](LimitAnswer answer) { CHECK(std::holds_alternative<HeldCall>(answer)); });
    REQUIRE_FALSE(process.call(child));
    CHECK(process.call(child));
    CHECK(process.call(rulesOf(parent.terms, "parent")));
}

TEST_CASE("room changes hands, and goes back once") {
    const auto returned = std::make_shared<HeldCall::Returned>();
    {
        HeldCall first;
        first.hold(returned, 1);
        first.hold(returned, 2);
        HeldCall second(std::move(first));
        HeldCall third;
        third = std::move(second);
        CHECK((*returned)[1] == 0);
    }
    CHECK((*returned)[0] == 0);
    CHECK((*returned)[1] == 1);
    CHECK((*returned)[2] == 1);
}

TEST_CASE("room that was used leaves nothing behind that could go back") {
    const auto returned = std::make_shared<HeldCall::Returned>();
    {
        HeldCall call;
        call.hold(returned, 1);
        call.use();
        call.hold(returned, 2);
    }
    CHECK((*returned)[1] == 0);
    CHECK((*returned)[2] == 1);
}

TEST_CASE("twenty calls at once on a limit of five: five pass, by one question after the other") {
    Store store;
    Process process(store);
    process.answersAtOnce = false;
    const auto rules = rulesOf({.callsPerHour = 5});
    int passed = 0, refused = 0;
    for (int i = 0; i < 20; ++i)
        process.limits.takeLater(rules, [&](LimitAnswer answer) {
            auto* held = std::get_if<HeldCall>(&answer);
            if (held) held->use();
            ++(held ? passed : refused);
        });
    CHECK(process.asked.size() == 1);
    while (!process.asked.empty()) process.answerOne();
    CHECK(passed == 5);
    CHECK(refused == 15);
    CHECK(process.questions <= 3);
}

TEST_CASE("a ledger that cannot answer lets nobody through, and loses nothing") {
    Store store;
    Process process(store);
    const auto rules = rulesOf({.callsPerHour = 1000, .burst = 1});
    REQUIRE_FALSE(process.call(rules)); // nine are left of the hour's slice
    store.clock.turn(20s);
    process.answersAtOnce = false;
    std::optional<LimitAnswer> answer;
    process.limits.takeLater(rules, [&](LimitAnswer later) { answer = std::move(later); });
    process.answerOne(true);
    REQUIRE(answer);
    CHECK(std::get<LimitRefusal>(*answer).why == LimitRefusal::Why::unknown);
    CHECK(process.limits.leftOf("a") == 9);
    process.answersAtOnce = true;
    CHECK_FALSE(process.call(rules));
}
