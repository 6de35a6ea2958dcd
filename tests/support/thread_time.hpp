// CPU time of this thread: what a piece of work costs, whatever else the machine does meanwhile.
#pragma once

#include <chrono>
#include <ctime>

namespace gatehouse::test {

inline std::chrono::nanoseconds threadTime() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

} // namespace gatehouse::test
