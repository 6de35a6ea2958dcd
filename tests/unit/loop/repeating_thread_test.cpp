#include "loop/repeating_thread.hpp"

#include <atomic>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace std::chrono_literals;

TEST_CASE("a job is done again and again, one at a time") {
    std::atomic<int> done{0}, at{0};
    {
        const RepeatingThread thread(1ms, [&] {
            if (++at > 1) done = -1000;
            ++done;
            --at;
        });
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (done < 3 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    }
    CHECK(done >= 3);
}

TEST_CASE("it ends at once while it waits, and not in the middle of its job") {
    std::atomic<bool> began{false}, ended{false};
    {
        const RepeatingThread waiting(std::chrono::hours(1), [] {});
        const RepeatingThread working(1ms, [&] {
            began = true;
            std::this_thread::sleep_for(20ms);
            ended = true;
        });
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!began && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    }
    CHECK(ended);
}
