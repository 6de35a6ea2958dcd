// What this process holds: memory, descriptors, threads.
//
// Memory is what the allocator has given out to the thread that asks (mallinfo2), so nothing here is a guess about
// pages.
// Threads: any; nothing is kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <thread>

#include <malloc.h>

namespace gatehouse::kit {

inline std::int64_t allocatedBytes() {
    const struct mallinfo2 info = ::mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

inline std::int64_t entriesIn(const char* folder) {
    return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}
inline std::int64_t openDescriptors() { return entriesIn("/proc/self/fd"); }
inline std::int64_t runningThreads() { return entriesIn("/proc/self/task"); }
// There are more, and it stays so for a second: the system lists one that has ended, and was joined, a little longer.
inline bool keepsMoreThreads(std::int64_t than) {
    for (int look = 0; look < 200; ++look) {
        if (runningThreads() <= than) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

} // namespace gatehouse::kit
