// StatementWatch: whether a statement has to end, asked by everything that can take long within it.
//
// Threads: interrupt() from any, for good; the rest from the one that runs statements.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

namespace gatehouse::sql {

class StatementWatch {
public:
    using Clock = std::chrono::steady_clock;

    void begin(Clock::time_point deadline) noexcept {
        deadline_ = deadline;
        isLate_ = false;
    }
    void interrupt() noexcept { isInterrupted_ = true; }

    // Reads the clock: some 30 ns.
    bool ended() noexcept {
        if (!isLate_) isLate_ = Clock::now() >= deadline_;
        return isLate_ || isInterrupted_;
    }
    bool isInterrupted() const noexcept { return isInterrupted_; }
    bool isLate() const noexcept { return isLate_; } // as ended() last saw it

private:
    Clock::time_point deadline_ = Clock::time_point::max();
    std::atomic<bool> isInterrupted_{false};
    bool isLate_ = false;
};

// Counts work in a loop and asks the watch after each 65,536 units of it (bytes, or characters: well under 1 ms).
class WatchedWork {
public:
    explicit WatchedWork(StatementWatch& watch) : watch_(watch) {}
    // True when the work has to stop.
    bool add(std::size_t units) noexcept {
        done_ += units;
        if (done_ < 65'536) return false;
        done_ = 0;
        return watch_.ended();
    }

    void postpone(std::size_t units) noexcept { done_ += units; } // counted with the next add()

private:
    StatementWatch& watch_;
    std::size_t done_ = 0;
};

} // namespace gatehouse::sql
