#include "auth/failure_budget.hpp"

#include <catch2/catch.hpp>

#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

void charge(FailureBudget& budget, const std::string& peer, int times) {
    while (times-- > 0) budget.charge(peer);
}

} // namespace

TEST_CASE("a peer may fail as often as its budget says, then it waits") {
    TurnableClock clock;
    FailureBudget budget({60, 10}, clock);
    CHECK_FALSE(budget.wait("a").has_value());
    charge(budget, "a", 59);
    CHECK_FALSE(budget.wait("a").has_value());
    charge(budget, "a", 1);
    CHECK(budget.wait("a") == 1s);
}

TEST_CASE("the budget comes back steadily, up to its full size") {
    TurnableClock clock;
    FailureBudget budget({60, 10}, clock);
    charge(budget, "a", 60);
    clock.turn(999ms);
    CHECK(budget.wait("a").has_value());
    clock.turn(2ms);
    CHECK_FALSE(budget.wait("a").has_value());
    charge(budget, "a", 1);
    CHECK(budget.wait("a").has_value());
    clock.turn(24h);
    charge(budget, "a", 59);
    CHECK_FALSE(budget.wait("a").has_value());
    charge(budget, "a", 1);
    CHECK(budget.wait("a").has_value());
}

TEST_CASE("the wait is how long it takes until one may fail again") {
    TurnableClock clock;
    FailureBudget budget({6, 10}, clock); // one in ten seconds
    charge(budget, "a", 6);
    CHECK(budget.wait("a") == 10s);
    clock.turn(4s);
    CHECK(budget.wait("a") == 6s);
    charge(budget, "a", 1); // one that was under way
    CHECK(budget.wait("a") == 16s);
}

TEST_CASE("a jump of the wall clock changes nothing") {
    TurnableClock clock;
    FailureBudget budget({60, 10}, clock);
    charge(budget, "a", 60);
    clock.jumpWall(24h);
    CHECK(budget.wait("a").has_value());
}

TEST_CASE("each peer has a budget of its own") {
    TurnableClock clock;
    FailureBudget budget({2, 10}, clock);
    charge(budget, "a", 2);
    CHECK(budget.wait("a").has_value());
    CHECK_FALSE(budget.wait("b").has_value());
}

TEST_CASE("at the limit of peers the one that was longest without a failure is forgotten") {
    TurnableClock clock;
    FailureBudget budget({1, 3}, clock);
    for (const char* peer : {"a", "b", "c"}) budget.charge(peer);
    budget.charge("a"); // again: b is the oldest now
    budget.charge("d");
    CHECK(budget.wait("a").has_value());
    CHECK_FALSE(budget.wait("b").has_value());
    CHECK(budget.wait("c").has_value());
    CHECK(budget.wait("d").has_value());
}

// One subscriber has a /64 of IPv6 addresses, and would have a budget for each.
TEST_CASE("C: the addresses of one IPv6 /64 share a budget") {
    TurnableClock clock;
    FailureBudget budget({60, 10}, clock);
    for (int i = 0; i < 60; ++i) budget.charge("2001:db8:0:1::" + std::to_string(i + 1));
    CHECK(budget.wait("2001:db8:0:1:ffff::9").has_value());
    CHECK_FALSE(budget.wait("2001:db8:0:2::1").has_value());
    charge(budget, "::ffff:192.0.2.1", 60);
    CHECK_FALSE(budget.wait("::ffff:192.0.2.2").has_value());
}
