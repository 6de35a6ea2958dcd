// Clock: the two times of the server, handed in so that no test waits.
//
// Wall time judges tokens (exp, created_at); steady time judges deadlines, so a jump of the wall clock closes nothing.
// Threads: any.
#pragma once

#include <chrono>

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
    WallTime wall() const override {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
    SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

} // namespace gatehouse
