#include "cli/start_limit.hpp"

#include <atomic>
#include <future>

#include <catch2/catch.hpp>

using namespace gatehouse::cli;
using namespace std::chrono_literals;

TEST_CASE("a start that takes too long is ended, one that is over in time is not") {
    std::promise<void> ended;
    {
        const StartLimit limit([&] { ended.set_value(); }, 1ms);
        ended.get_future().wait();
    }
    std::atomic<int> ends{0};
    {
        const StartLimit limit([&] { ++ends; }, 1h);
    }
    CHECK(ends == 0);
}
