// LockPatience: how long a file's lock is waited for. While others write the file one after the other, each gets its
// turn; what is not waited for is a program that holds the lock and does nothing.
//
// Threads: one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

namespace gatehouse {

// Which writing of a file it is that lies there: each makes the file anew.
struct FileMark {
    std::uint64_t inode = 0; // 0: there is none
    std::int64_t writtenAt = 0;
    bool operator==(const FileMark&) const = default;
};

class LockPatience {
public:
    static constexpr int turns = 12; // so many times `patience` is waited in all

    LockPatience(SteadyTime now, std::chrono::milliseconds patience, FileMark seen)
        : patience_(patience), last_(now + turns * patience), end_(now + patience), seen_(seen) {}

    // Whether it has ended, `found` being what lies there now.
    bool hasEnded(SteadyTime now, FileMark found) {
        if (found != seen_) end_ = std::min(now + patience_, last_);
        seen_ = found;
        return now >= end_;
    }

private:
    const std::chrono::milliseconds patience_;
    const SteadyTime last_;
    SteadyTime end_;
    FileMark seen_;
};

} // namespace gatehouse
