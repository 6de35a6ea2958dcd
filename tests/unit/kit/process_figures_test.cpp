#include "kit/process_figures.hpp"

#include <atomic>

#include <catch2/catch.hpp>

using namespace gatehouse::kit;

TEST_CASE("a thread that is about to end is not taken for one that stays") {
    const auto before = runningThreads();
    std::atomic<bool> ends{false};
    std::thread staying([&] {
        while (!ends) std::this_thread::yield();
    });
    CHECK(keepsMoreThreads(before));
    std::thread ending([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        ends = true;
    });
    CHECK_FALSE(keepsMoreThreads(before));
    ending.join();
    staying.join();
}
