#include "tokens/lock_patience.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace std::chrono_literals;

TEST_CASE("a lock that is held while nothing is written is waited for as long as the patience") {
    const SteadyTime began{};
    LockPatience waiting(began, 10s, {1, 1});
    CHECK_FALSE(waiting.hasEnded(began, {1, 1}));
    CHECK_FALSE(waiting.hasEnded(began + 9999ms, {1, 1}));
    CHECK(waiting.hasEnded(began + 10s, {1, 1}));
}

TEST_CASE("each writing of another one begins the patience anew, twelve times and no more") {
    const SteadyTime began{};
    LockPatience waiting(began, 10s, {});
    for (std::uint64_t second = 9; second < 120; second += 9)
        CHECK_FALSE(waiting.hasEnded(began + std::chrono::seconds(second), {second, 1}));
    CHECK(waiting.hasEnded(began + 120s, {1000, 1}));
}

TEST_CASE("a file that is written in its place is written as well") {
    const SteadyTime began{};
    LockPatience waiting(began, 10s, {1, 1});
    CHECK_FALSE(waiting.hasEnded(began + 10s, {1, 2}));
    CHECK_FALSE(waiting.hasEnded(began + 19s, {1, 2}));
    CHECK(waiting.hasEnded(began + 20s, {1, 2}));
}
