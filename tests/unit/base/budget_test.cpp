#include "base/budget.hpp"

#include <malloc.h>

#include <catch2/catch.hpp>

#include "support/counting_telemetry.hpp"

using namespace gatehouse;
using test::CountingTelemetry;

TEST_CASE("one identity holds so much, all together so much") {
    CountingTelemetry telemetry;
    Budget budget("things", {3, 5}, telemetry);
    auto a = budget.reserve("a", 3);
    CHECK(a);
    CHECK_FALSE(budget.reserve("a", 1));
    auto b = budget.reserve("b", 2);
    CHECK(b);
    CHECK_FALSE(budget.reserve("c", 1));
    CHECK(budget.used() == 5);
    CHECK(telemetry.refusals["things"] == 2);
    CHECK(telemetry.budgets["things"] == 5);
    a.release();
    CHECK(budget.usedBy("a") == 0);
    CHECK(budget.reserve("c", 1));
    CHECK(budget.used() == 2);
}

TEST_CASE("a share grows within the limits, shrinks always, and gives back at its end") {
    CountingTelemetry telemetry;
    Budget budget("things", {10, 12}, telemetry);
    {
        auto a = budget.reserve("a", 0);
        CHECK(a);
        CHECK(a.resize(10));
        CHECK_FALSE(a.resize(11));
        CHECK(a.amount() == 10);
        auto b = budget.reserve("b", 2);
        CHECK_FALSE(b.resize(3));
        CHECK(a.resize(4));
        CHECK(b.resize(8));
        Budget::Share moved = std::move(b);
        CHECK_FALSE(b);
        CHECK(moved.amount() == 8);
        CHECK(budget.used() == 12);
        moved = std::move(a); // what it had is given back
        CHECK(budget.used() == 4);
    }
    CHECK(budget.used() == 0);
    CHECK(telemetry.budgets["things"] == 0);
}

TEST_CASE("an empty share holds nothing, and amounts do not overflow") {
    CountingTelemetry telemetry;
    Budget budget("things", {10, 10}, telemetry);
    Budget::Share none;
    CHECK_FALSE(none);
    CHECK(none.resize(0));
    CHECK_FALSE(none.resize(1));
    auto a = budget.reserve("a", 5);
    CHECK_FALSE(a.resize(SIZE_MAX));
    CHECK_FALSE(budget.reserve("a", SIZE_MAX));
    CHECK_FALSE(budget.admits("a", SIZE_MAX - 4));
    CHECK(budget.admits("a", 5));
    CHECK_FALSE(budget.admits("a", 6));
    CHECK(budget.used() == 5);
}

TEST_CASE("an identity that holds nothing any more leaves nothing behind") {
    CountingTelemetry telemetry;
    Budget budget("things", {10, 100}, telemetry);
    const auto before = ::mallinfo2().uordblks; // bytes in use
    int granted = 0;
    for (int i = 0; i < 10'000; ++i) granted += budget.reserve("identity " + std::to_string(i), 1) ? 1 : 0;
    CHECK(granted == 10'000);
    CHECK(::mallinfo2().uordblks < before + 100'000); // ten bytes each
    CHECK(budget.used() == 0);
}
