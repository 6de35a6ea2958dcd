// What this process holds: memory, descriptors, threads.
//
// Memory is what the allocator has given out to the thread that asks (mallinfo2), so nothing here is a guess about
// pages.
// Threads: any; nothing is kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iterator>

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

} // namespace gatehouse::kit
