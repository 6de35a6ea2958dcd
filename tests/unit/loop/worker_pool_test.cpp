#include "loop/worker_pool.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <set>

#include "support/notification.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;
using test::Notification;

namespace {

const auto ignoreFaults = [](std::string_view) {};

WorkerPoolOptions sized(std::size_t threads, std::size_t queued) {
    WorkerPoolOptions options;
    options.maxThreads = threads;
    options.maxQueued = queued;
    return options;
}

// Jobs that hold their thread until the gate opens. The pool must go before it.
struct Gate {
    Notification entered, opened;
    WorkerPool::Job job() {
        return [this] {
            entered.ring();
            opened.waitFor(1);
        };
    }
};

} // namespace

TEST_CASE("jobs that block at once run on threads of their own") {
    Gate gate;
    WorkerPool pool(sized(8, 0), ignoreFaults);
    for (int i = 0; i < 8; ++i) REQUIRE(pool.submit(gate.job()));
    CHECK(gate.entered.waitFor(8)); // all of them run although none has ended
    CHECK(pool.threads() == 8);
    CHECK(pool.busy() == 8);
    gate.opened.ring();
}

TEST_CASE("a pool that is full says no, and the job is not taken") {
    Gate gate;
    std::atomic<int> ran{0};
    {
        WorkerPool pool(sized(1, 2), ignoreFaults);
        REQUIRE(pool.submit(gate.job()));
        REQUIRE(gate.entered.waitFor(1));
        CHECK(pool.submit([&] { ++ran; }));
        CHECK(pool.submit([&] { ++ran; }));
        CHECK_FALSE(pool.submit([&] { ran += 100; }));
        gate.opened.ring();
    }
    CHECK(ran == 2);
}

TEST_CASE("jobs run in the order in which they came") {
    Gate gate;
    std::string order;
    {
        WorkerPool pool(sized(1, 10), ignoreFaults);
        REQUIRE(pool.submit(gate.job()));
        REQUIRE(gate.entered.waitFor(1));
        for (const char c : {'a', 'b', 'c'}) pool.submit([&order, c] { order += c; });
        gate.opened.ring();
    }
    CHECK(order == "abc");
}

TEST_CASE("an idle thread is used again") {
    Notification done;
    WorkerPool pool(sized(8, 10), ignoreFaults);
    std::mutex mutex;
    std::set<std::thread::id> ids;
    for (int i = 1; i <= 50; ++i) {
        REQUIRE(pool.submit([&] {
            {
                const std::lock_guard lock(mutex);
                ids.insert(std::this_thread::get_id());
            }
            done.ring();
        }));
        REQUIRE(done.waitFor(i));
        while (pool.busy() > 0) std::this_thread::yield();
    }
    CHECK(ids.size() == 1);
    CHECK(pool.threads() == 1);
}

TEST_CASE("jobs that come at once wake an idle thread each") {
    WorkerPool pool(sized(8, 8), ignoreFaults);
    for (int round = 0; round < 20; ++round) {
        Gate each;
        for (int i = 0; i < 8; ++i) REQUIRE(pool.submit(each.job()));
        const bool haveAllBegun = each.entered.waitFor(8, test::generous / 2); // before the first one gives up
        each.opened.ring();
        while (pool.busy() > 0) std::this_thread::yield();
        REQUIRE(haveAllBegun);
    }
    CHECK(pool.threads() == 8);
}

TEST_CASE("a thread that wakes too late for a job is woken again for the next one") {
    Notification done;
    WorkerPool pool(sized(4, 8), ignoreFaults);
    for (int jobs = 2; jobs <= 4000; jobs += 2) {
        for (int i = 0; i < 2; ++i) REQUIRE(pool.submit([&] { done.ring(); })); // one thread may take both
        REQUIRE(done.waitFor(jobs));
    }
}

TEST_CASE("what a job throws is told, and the thread goes on") {
    struct Row {
        const char* what;
        std::function<void()> job;
        const char* told;
    };
    for (const Row& row :
         std::vector<Row>{{"an exception", [] { throw std::runtime_error("boom"); }, "boom"},
                          {"something else", [] { throw 42; }, "a job threw something that is no std::exception"}}) {
        DYNAMIC_SECTION(row.what) {
            std::string told;
            Notification done;
            {
                WorkerPool pool(sized(1, 10), [&](std::string_view fault) { told = fault; });
                REQUIRE(pool.submit(row.job));
                REQUIRE(pool.submit([&] { done.ring(); }));
                CHECK(done.waitFor(1));
            }
            CHECK(told == row.told);
        }
    }
}

TEST_CASE("the end runs what is queued") {
    Gate gate;
    std::atomic<int> ran{0};
    {
        WorkerPool pool(sized(1, 100), ignoreFaults);
        REQUIRE(pool.submit(gate.job()));
        REQUIRE(gate.entered.waitFor(1));
        for (int i = 0; i < 100; ++i) REQUIRE(pool.submit([&] { ++ran; }));
        CHECK(ran == 0);
        gate.opened.ring();
    }
    CHECK(ran == 100);
}

TEST_CASE("a thread without work leaves after a quiet time, and work brings one back") {
    WorkerPoolOptions options = sized(4, 10);
    options.quietTime = 1ms;
    WorkerPool pool(options, ignoreFaults);
    Notification done;
    for (int round = 1; round <= 20; ++round) {
        REQUIRE(pool.submit([&] { done.ring(); }));
        REQUIRE(done.waitFor(round));
        const auto deadline = std::chrono::steady_clock::now() + test::generous;
        while (pool.threads() > 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        REQUIRE(pool.threads() == 0);
        CHECK(pool.busy() == 0);
    }
}

TEST_CASE("a pool that was stopped has done its work, takes no more, and may be stopped again") {
    std::atomic<int> ran{0};
    WorkerPool pool(sized(2, 100), ignoreFaults);
    for (int i = 0; i < 50; ++i) REQUIRE(pool.submit([&] { ++ran; }));
    pool.stop();
    CHECK(ran == 50);
    CHECK_FALSE(pool.submit([&] { ++ran; }));
    CHECK_NOTHROW(pool.stop());
    CHECK(ran == 50);
    CHECK(pool.threads() == 0);
}

TEST_CASE("many threads hand in work and none is lost") {
    std::atomic<int> ran{0};
    {
        WorkerPoolOptions options = sized(8, 10'000);
        options.quietTime = 0ms; // threads come and go all the time
        WorkerPool pool(options, ignoreFaults);
        std::vector<std::thread> givers;
        for (int t = 0; t < 4; ++t)
            givers.emplace_back([&] {
                for (int i = 0; i < 500; ++i)
                    if (!pool.submit([&] { ++ran; })) --ran;
            });
        for (auto& giver : givers) giver.join();
    }
    CHECK(ran == 2000);
}

TEST_CASE("C: what must arrive arrives while every worker is busy, and is never refused") {
    Gate gate;
    WorkerPool pool(sized(1, 0), ignoreFaults);
    REQUIRE(pool.submit(gate.job()));
    REQUIRE(gate.entered.waitFor(1));
    CHECK_FALSE(pool.submit([] {}));
    Notification arrived;
    for (int i = 0; i < 1000; ++i) pool.deliver([&] { arrived.ring(); });
    CHECK(arrived.waitFor(1000));
    gate.opened.ring();
}

TEST_CASE("C: one that does not return does not hold up what is delivered after it") {
    Gate gate;
    WorkerPool pool(sized(1, 0), ignoreFaults);
    pool.deliver(gate.job());
    REQUIRE(gate.entered.waitFor(1));
    Notification arrived;
    pool.deliver([&] { arrived.ring(); });
    CHECK(arrived.waitFor(1));
    const auto deadline = std::chrono::steady_clock::now() + test::generous; // who rang has still to come back
    while (pool.busy() > 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(pool.busy() == 1);
    gate.opened.ring();
}

TEST_CASE("C: threads that are lost in a job are made up for, up to a limit") {
    Gate gate;
    auto options = sized(1, 0);
    options.maxReplaced = 1;
    WorkerPool pool(options, ignoreFaults);
    REQUIRE(pool.submit(gate.job()));
    REQUIRE(gate.entered.waitFor(1));
    CHECK_FALSE(pool.submit([] {}));
    pool.lost(+1);
    CHECK(pool.submit(gate.job()));
    REQUIRE(gate.entered.waitFor(2));
    pool.lost(+1);
    CHECK_FALSE(pool.submit([] {})); // one was to be replaced at most
    pool.lost(-2);
    gate.opened.ring();
}
