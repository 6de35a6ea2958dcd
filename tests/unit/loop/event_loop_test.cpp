#include "loop/event_loop.hpp"

#include <atomic>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/loop_thread.hpp"
#include "support/socket_pair.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Listener final : Pollable {
    void onReady(Readiness readiness) override {
        ++calls;
        if (readiness.hungUp) ++hungUp;
        if (then) then(readiness);
    }
    std::function<void(Readiness)> then;
    std::atomic<int> calls{0}, hungUp{0};
};

struct Deferred final : Pollable {
    void onReady(Readiness) override {}
    void onDeferred() override { work(); }
    void onFault() noexcept override { ++faults; }
    std::function<void()> work;
    int faults = 0;
};

} // namespace

TEST_CASE("posted work runs in order, on the loop's thread") {
    LoopThread thread;
    std::vector<int> order;
    std::thread::id where;
    for (int i = 0; i < 100; ++i) thread.loop.post([&order, i] { order.push_back(i); });
    thread.on([&] { where = std::this_thread::get_id(); });
    REQUIRE(order.size() == 100);
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(where != std::this_thread::get_id());
}

TEST_CASE("work that many threads post is all done") {
    LoopThread thread;
    int done = 0; // by the loop's thread only
    std::vector<std::thread> posters;
    for (int t = 0; t < 4; ++t)
        posters.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) thread.loop.post([&] { ++done; });
        });
    for (auto& poster : posters) poster.join();
    CHECK(thread.on([&] { return done; }) == 4000);
}

TEST_CASE("a callback that throws is reported and hurts nobody else") {
    LoopThread thread;
    thread.loop.post([] { throw std::runtime_error("on purpose"); });
    thread.loop.post([] { throw 42; });
    int after = 0;
    thread.on([&] { after = 1; });
    CHECK(after == 1);
    CHECK(thread.faults() == std::vector<std::string>{"on purpose", "something that is no std::exception"});
}

TEST_CASE("what is deferred is called once, in order, after the posted work of its turn, and kept until then") {
    LoopThread thread;
    std::string order;
    auto first = std::make_shared<Deferred>();
    auto second = std::make_shared<Deferred>();
    first->work = [&, second] {
        order += "first ";
        thread.loop.defer(second); // it is on the list already
    };
    second->work = [&, again = false]() mutable {
        order += "second ";
        if (!std::exchange(again, true)) thread.loop.defer(second);
    };
    const std::weak_ptr<Deferred> weak = first;
    thread.loop.post([&, first = std::move(first)]() mutable {
        thread.loop.defer(first);
        thread.loop.defer(second);
        thread.loop.defer(std::move(first));
        thread.loop.post([&] { order += "next turn"; });
        order += "posted ";
    });
    thread.settle();
    CHECK(order == "posted first second second next turn");
    CHECK(weak.expired());
}

TEST_CASE("one that throws when it was deferred is told so, and the others are called") {
    LoopThread thread;
    const auto first = std::make_shared<Deferred>(), second = std::make_shared<Deferred>();
    bool called = false;
    first->work = [] { throw std::runtime_error("on purpose"); };
    second->work = [&] { called = true; };
    thread.loop.post([&] {
        thread.loop.defer(first);
        thread.loop.defer(second);
    });
    thread.settle();
    CHECK(first->faults == 1);
    CHECK(called);
    CHECK(thread.faults() == std::vector<std::string>{"on purpose"});
}

TEST_CASE("a watched descriptor tells of input, and of the end") {
    LoopThread thread;
    SocketPair pair;
    Listener listener;
    const int descriptor = pair.socket.impl()->sockfd();
    thread.on([&] { thread.loop.watch(descriptor, listener, EventLoop::Watch::edges); });
    thread.settle();
    const int before = listener.calls;
    REQUIRE(pair.peer.send("x"));
    thread.settle();
    CHECK(listener.calls == before + 1);
    CHECK(listener.hungUp == 0);
    pair.peer.close();
    thread.settle();
    CHECK(listener.hungUp == 1);
    thread.on([&] { thread.loop.forget(descriptor); });
}

TEST_CASE("an edge is told once, a level while it lasts, and nothing after forget") {
    LoopThread thread;
    SocketPair edge, level;
    Listener edges, levels;
    REQUIRE(edge.peer.send("x"));
    REQUIRE(level.peer.send("x"));
    thread.on([&] {
        thread.loop.watch(edge.socket.impl()->sockfd(), edges, EventLoop::Watch::edges);
        thread.loop.watch(level.socket.impl()->sockfd(), levels, EventLoop::Watch::levelRead);
    });
    for (int i = 0; i < 5; ++i) thread.settle();
    CHECK(edges.calls == 1);
    CHECK(levels.calls >= 5);
    thread.on([&] {
        thread.loop.forget(edge.socket.impl()->sockfd());
        thread.loop.forget(level.socket.impl()->sockfd());
    });
    const int before = levels.calls;
    thread.settle();
    CHECK(levels.calls == before);
}

TEST_CASE("what cannot be watched is said so") {
    LoopThread thread;
    Listener listener;
    CHECK_THROWS_AS(thread.on([&] { thread.loop.watch(-1, listener, EventLoop::Watch::edges); }), std::system_error);
}

TEST_CASE("an alarm rings at its time, not before, and not when it was cancelled or destroyed") {
    LoopThread thread;
    int rings = 0, cancelledRings = 0, destroyedRings = 0;
    Alarm alarm(thread.loop), cancelled(thread.loop);
    auto destroyed = std::make_unique<Alarm>(thread.loop);
    thread.on([&] {
        const SteadyTime when = thread.loop.now() + 60s; // beyond the wheel
        alarm.set(when, [&] { ++rings; });
        cancelled.set(when, [&] { ++cancelledRings; });
        destroyed->set(when, [&] { ++destroyedRings; });
        cancelled.cancel();
        destroyed.reset();
    });
    thread.turn(59s);
    CHECK(rings == 0);
    thread.turn(2s);
    CHECK(rings == 1);
    thread.turn(60s);
    CHECK(rings == 1);
    CHECK(cancelledRings + destroyedRings == 0);
}

TEST_CASE("an alarm may set itself again while it rings, and be moved either way") {
    LoopThread thread;
    int rings = 0;
    Alarm alarm(thread.loop);
    std::function<void()> ring = [&] {
        ++rings;
        if (rings < 3) alarm.set(thread.loop.now() + 1s, ring);
    };
    thread.on([&] {
        alarm.set(thread.loop.now() + 10s, ring);
        alarm.set(thread.loop.now() + 1s, ring);
    });
    for (int i = 0; i < 5; ++i) thread.turn(1100ms);
    CHECK(rings == 3);
    thread.on([&] { alarm.cancel(); });
}

TEST_CASE("the date line is made anew each second") {
    LoopThread thread;
    const auto date = [&] { return thread.on([&] { return std::string(thread.loop.dateLine()); }); };
    CHECK(date() == "Date: Tue, 19 Nov 2024 07:06:40 GMT\r\n");
    thread.turn(1s);
    CHECK(date() == "Date: Tue, 19 Nov 2024 07:06:41 GMT\r\n");
}

TEST_CASE("a turn that took long is reported") {
    TurnableClock clock;
    std::vector<std::chrono::milliseconds> slow;
    EventLoop loop(clock, {[](std::string_view) {}, [&](std::chrono::milliseconds took) { slow.push_back(took); }});
    loop.post([&] { clock.turn(5ms); });
    loop.post([&] {
        loop.post([&] { // the next turn
            clock.turn(70ms);
            loop.post([&] { loop.stop(); });
        });
    });
    loop.run();
    CHECK(slow == std::vector<std::chrono::milliseconds>{70ms});
}

TEST_CASE("what was posted before the stop is still done") {
    TurnableClock clock;
    EventLoop loop(clock, {[](std::string_view) {}, {}});
    int done = 0;
    loop.post([&] {
        loop.stop();
        loop.post([&] { ++done; });
    });
    loop.run();
    CHECK(done == 1);
    loop.post([&] { ++done; });
    loop.finishPosted();
    CHECK(done == 2);
}

TEST_CASE("what posted work posts is finished too, but work without an end does not hold up the stop") {
    TurnableClock clock;
    EventLoop loop(clock, {[](std::string_view) {}, {}});
    int left = 10, endless = 0;
    std::function<void()> chain = [&] {
        if (--left > 0) loop.post(chain);
    };
    loop.post(chain);
    loop.finishPosted();
    CHECK(left == 0);
    std::function<void()> forever = [&] {
        ++endless;
        loop.post(forever);
    };
    loop.post(forever);
    loop.finishPosted();
    CHECK(endless == EventLoop::finishingRounds);
}
