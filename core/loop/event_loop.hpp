// EventLoop: waits for readiness (epoll) and for posted work, and calls the handlers. One thread runs it.
//
// Threads: post() and stop() from any; everything else on the loop's own thread (or before run()).
// A callback's exception is reported and goes no further (one of the four catch-all walls).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "loop/timer_wheel.hpp"

namespace gatehouse {

struct Readiness {
    bool readable = false;
    bool writable = false;
    bool hungUp = false; // the peer will send nothing more, or the connection is broken
};

class Pollable {
public:
    virtual ~Pollable() = default;
    virtual void onReady(Readiness readiness) = 0;
    virtual void onDeferred() {}       // the turn in which it was deferred is ending
    virtual void onFault() noexcept {} // onReady or onDeferred threw

private:
    friend class EventLoop;
    std::shared_ptr<Pollable> nextDeferred_; // intrusive link: deferring must not allocate
    bool isDeferred_ = false;
};

// What the loop reports about itself.
struct LoopReports {
    std::function<void(std::string_view)> fault;             // a callback threw
    std::function<void(std::chrono::milliseconds)> slowTurn; // a turn took longer than slowTurnLimit
};

class EventLoop {
public:
    static constexpr std::chrono::milliseconds slowTurnLimit{5};
    static constexpr int finishingRounds = 1000;

    EventLoop(const Clock& clock, LoopReports reports);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    void run(); // returns after stop()
    void stop();
    // One turn: events, posted work, timers, what was deferred. Waits for an event for at most `longest`.
    void turn(std::chrono::milliseconds longest);
    // After run(): what has been posted since, and what that posts. At most finishingRounds times, as a plugin's thread
    // may go on posting for ever; the rest is dropped with the loop.
    void finishPosted();
    void post(std::function<void()> work);

    // `how` a descriptor is watched: once per change (a connection reads until nothing is left), or while it lasts.
    enum class Watch { edges, levelRead };
    void watch(int descriptor, Pollable& who, Watch how); // throws std::system_error
    void forget(int descriptor);

    // Calls `who->onDeferred()` at the end of this turn, once however often it is deferred, and keeps `who` alive until
    // then: events of this turn may still name it.
    void defer(std::shared_ptr<Pollable> who) noexcept;

    SteadyTime now() const { return now_; } // of this turn
    WallTime wallNow() const { return clock_.wall(); }
    TimerWheel& wheel() { return wheel_; }
    std::string_view dateLine();                      // "Date: ...\r\n", made anew each second
    std::vector<char>& scratch() { return scratch_; } // for one read at a time

private:
    void runPosted();
    bool hasPosted();
    void runDeferred();
    template <class Work>
    bool guarded(const Work& work);
    void reportFault(std::string_view fault) noexcept;
    void wake();

    const Clock& clock_;
    const LoopReports reports_;
    const int epoll_;
    const int wakeup_;
    SteadyTime now_;
    TimerWheel wheel_;
    std::vector<char> scratch_;
    std::string dateLine_;
    SteadyTime dateUntil_{};
    std::shared_ptr<Pollable> firstDeferred_;
    Pollable* lastDeferred_ = nullptr;
    std::atomic<bool> stopping_{false};

    std::mutex mutex_; // guards posted_
    std::vector<std::function<void()>> posted_;
};

// One deadline with an action, on the loop's wheel. Dropped when destroyed.
class Alarm final : TimerEntry {
public:
    explicit Alarm(EventLoop& loop) : loop_(loop) {}
    void set(SteadyTime when, std::function<void()> action);
    void cancel();

private:
    void onTimer(SteadyTime now) override;
    EventLoop& loop_;
    SteadyTime when_{};
    std::function<void()> action_;
};

} // namespace gatehouse
