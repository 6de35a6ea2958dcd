// A clock that tests turn by hand.
#pragma once

#include <mutex>

#include "base/clock.hpp"

namespace gatehouse::test {

class TurnableClock final : public Clock {
public:
    WallTime wall() const override {
        const std::lock_guard lock(mutex_);
        return wall_;
    }
    SteadyTime steady() const override {
        const std::lock_guard lock(mutex_);
        return steady_;
    }
    void turn(std::chrono::milliseconds by) { // both times
        const std::lock_guard lock(mutex_);
        wall_ += by;
        steady_ += by;
    }
    void jumpWall(std::chrono::milliseconds by) { // as when somebody sets the clock
        const std::lock_guard lock(mutex_);
        wall_ += by;
    }

private:
    mutable std::mutex mutex_;
    WallTime wall_{std::chrono::seconds(1'732'000'000)}; // 2024-11-19T07:06:40Z
    SteadyTime steady_{std::chrono::hours(1)};
};

} // namespace gatehouse::test
