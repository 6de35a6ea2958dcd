#include "loop/timer_wheel.hpp"

#include <functional>
#include <memory>
#include <vector>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const SteadyTime start{1h};

struct Entry final : TimerEntry {
    void onTimer(SteadyTime now) override {
        firedAt.push_back(now - start);
        if (then) then();
    }
    std::vector<std::chrono::nanoseconds> firedAt;
    std::function<void()> then;
};

// Turns the wheel tick by tick, as the loop does.
void turnTo(TimerWheel& wheel, std::chrono::nanoseconds until) {
    for (auto at = 0ns; at <= until; at += TimerWheel::tick) wheel.advance(start + at);
    wheel.advance(start + until);
}

} // namespace

TEST_CASE("a deadline is not met before its time, and at most one tick after it") {
    for (const auto when : {1ms, 49ms, 50ms, 51ms, 100ms, 1000ms, 20'000ms}) {
        DYNAMIC_SECTION(when.count() << " ms") {
            TimerWheel wheel(start);
            Entry entry;
            wheel.schedule(entry, start + when);
            turnTo(wheel, when - 1ms);
            CHECK(entry.firedAt.empty());
            turnTo(wheel, when + TimerWheel::tick);
            CHECK(entry.firedAt.size() == 1);
        }
    }
}

TEST_CASE("an entry fires once, and again when it is asked again") {
    TimerWheel wheel(start);
    Entry entry;
    wheel.schedule(entry, start + 100ms);
    turnTo(wheel, 60s);
    CHECK(entry.firedAt.size() == 1);
    wheel.schedule(entry, start + 61s);
    wheel.advance(start + 62s);
    CHECK(entry.firedAt.size() == 2);
}

TEST_CASE("a deadline in the past fires with the next tick") {
    TimerWheel wheel(start);
    wheel.advance(start + 10s);
    Entry entry;
    wheel.schedule(entry, start - 5s);
    CHECK(entry.firedAt.empty());
    wheel.advance(start + 10s + TimerWheel::tick);
    CHECK(entry.firedAt.size() == 1);
}

TEST_CASE("a deadline beyond the wheel fires early, to be asked again") {
    TimerWheel wheel(start);
    Entry entry;
    const auto when = TimerWheel::tick * TimerWheel::slots * 3;
    entry.then = [&] {
        if (entry.firedAt.back() < when) wheel.schedule(entry, start + when);
    };
    wheel.schedule(entry, start + when);
    turnTo(wheel, when + TimerWheel::tick);
    REQUIRE(entry.firedAt.size() > 1);
    CHECK(entry.firedAt.front() < when);
    CHECK(entry.firedAt.back() >= when);
    CHECK(entry.firedAt.back() <= when + TimerWheel::tick);
}

TEST_CASE("moving a deadline later keeps the old place; moving it earlier takes a new one") {
    TimerWheel wheel(start);
    Entry later, earlier;
    wheel.schedule(later, start + 100ms);
    wheel.schedule(later, start + 10s);
    wheel.schedule(earlier, start + 10s);
    wheel.schedule(earlier, start + 100ms);
    turnTo(wheel, 200ms);
    CHECK(later.firedAt.size() == 1); // its owner looks at its real deadline
    CHECK(earlier.firedAt.size() == 1);
    turnTo(wheel, 11s);
    CHECK(earlier.firedAt.size() == 1);
}

TEST_CASE("what is cancelled or destroyed does not fire") {
    TimerWheel wheel(start);
    Entry cancelled;
    auto gone = std::make_unique<Entry>();
    wheel.schedule(cancelled, start + 100ms);
    wheel.schedule(*gone, start + 100ms);
    wheel.cancel(cancelled);
    wheel.cancel(cancelled);
    gone.reset();
    turnTo(wheel, 1s);
    CHECK(cancelled.firedAt.empty());
}

TEST_CASE("an entry that fires may take its neighbour of the same tick away") {
    TimerWheel wheel(start);
    Entry first;
    auto second = std::make_unique<Entry>();
    Entry third;
    first.then = [&] {
        second.reset();
        wheel.cancel(third);
    };
    wheel.schedule(first, start + 100ms);
    wheel.schedule(*second, start + 100ms);
    wheel.schedule(third, start + 100ms);
    turnTo(wheel, 1s);
    CHECK(first.firedAt.size() == 1);
    CHECK(third.firedAt.empty());
}

TEST_CASE("an entry that asks again for now is not fired twice in one tick") {
    TimerWheel wheel(start);
    Entry entry;
    entry.then = [&] { wheel.schedule(entry, start); };
    wheel.schedule(entry, start);
    wheel.advance(start + TimerWheel::tick);
    CHECK(entry.firedAt.size() == 1);
    wheel.advance(start + TimerWheel::tick * 2);
    CHECK(entry.firedAt.size() == 2);
}

TEST_CASE("after a long stop of the loop everything due fires, once") {
    TimerWheel wheel(start);
    std::vector<std::unique_ptr<Entry>> entries;
    for (int i = 0; i < 1000; ++i) {
        entries.push_back(std::make_unique<Entry>());
        wheel.schedule(*entries.back(), start + i * 20ms);
    }
    wheel.advance(start + 24h);
    for (const auto& entry : entries) REQUIRE(entry->firedAt.size() == 1);
}

TEST_CASE("a stop of any length costs one walk round the wheel, and what is asked then fires in its time") {
    TimerWheel wheel(start);
    Entry due, asksAgain;
    wheel.schedule(due, start + 10s);
    wheel.schedule(asksAgain, start + 20s);
    const auto pause = std::chrono::hours(24 * 365 * 100); // walked tick by tick: minutes
    asksAgain.then = [&] {                                 // as owners do: an early call is asked again
        if (asksAgain.firedAt.back() < pause + 1s) wheel.schedule(asksAgain, start + pause + 1s);
    };
    wheel.advance(start + pause);
    CHECK(due.firedAt.size() == 1);
    REQUIRE_FALSE(asksAgain.firedAt.empty());
    CHECK(asksAgain.firedAt.back() == pause);
    wheel.advance(start + pause + 1s + TimerWheel::tick);
    CHECK(asksAgain.firedAt.back() == pause + 1s + TimerWheel::tick);
}

TEST_CASE("a clock that stands still or goes back fires nothing") {
    TimerWheel wheel(start);
    Entry entry;
    wheel.schedule(entry, start + 100ms);
    wheel.advance(start + 80ms);
    wheel.advance(start - 10s);
    wheel.advance(start + 80ms);
    CHECK(entry.firedAt.empty());
}

TEST_CASE("entries outlive their wheel") {
    Entry entry;
    {
        TimerWheel wheel(start);
        wheel.schedule(entry, start + 100ms);
    }
    TimerWheel other(start);
    other.schedule(entry, start + 100ms);
    other.advance(start + 1s);
    CHECK(entry.firedAt.size() == 1);
}
