// TimerWheel: many deadlines that mostly do not come, one for each connection.
//
// Moving a deadline later costs nothing: the entry fires at its old time, the owner looks at its real deadline and
// asks again. Precision is one tick; a deadline beyond the wheel fires at its far end and is asked again.
//
// Threads: one (the loop's). Tested by tests/unit/http/timer_wheel_test.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "base/clock.hpp"

namespace gatehouse {

// An entry; its owner derives from it. Leaves the wheel when destroyed.
class TimerEntry {
public:
    TimerEntry() = default;
    virtual ~TimerEntry() { unlink(); }
    TimerEntry(const TimerEntry&) = delete;
    TimerEntry& operator=(const TimerEntry&) = delete;

    virtual void onTimer(SteadyTime now) = 0;

private:
    friend class TimerWheel;
    void unlink();
    TimerEntry* previous_ = nullptr;
    TimerEntry* next_ = nullptr;
    SteadyTime firesAt_{};
};

class TimerWheel {
public:
    static constexpr std::chrono::milliseconds tick{50};
    static constexpr std::size_t slots = 512;

    explicit TimerWheel(SteadyTime now);
    ~TimerWheel();

    // Fires at the latest one tick after `when`, perhaps earlier.
    void schedule(TimerEntry& entry, SteadyTime when);
    void cancel(TimerEntry& entry) { entry.unlink(); }
    void advance(SteadyTime now); // calls onTimer of what is due

private:
    struct Anchor final : TimerEntry {
        void onTimer(SteadyTime) override {}
    };
    std::size_t slotOf(SteadyTime when) const;
    void fire(Anchor& slot, SteadyTime now);

    const SteadyTime start_;
    std::size_t done_ = 0; // ticks that have been fired
    std::vector<Anchor> anchors_;
};

} // namespace gatehouse
