// Clock: the two times of the server, handed in so that no test waits.
//
// Wall time judges tokens (exp, created_at); steady time judges deadlines, so a jump of the wall clock closes nothing.
// Threads: any.
#pragma once

#include <chrono>

#include <time.h>

#include <gatehouse/identity.hpp>

namespace gatehouse {

using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
public:
    virtual ~Clock() = default;
    virtual WallTime wall() const = 0;
    virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
public:
    // As the system last told it, a tick ago at most (1 to 10 ms): asked for several times a request, and a fifth of
    // the cost of the exact one.
    WallTime wall() const override {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
        return WallTime(std::chrono::milliseconds(now.tv_sec * 1000 + now.tv_nsec / 1'000'000));
    }
    SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

} // namespace gatehouse
