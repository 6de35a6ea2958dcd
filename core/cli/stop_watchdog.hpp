// StopWatchdog: ends the process when a plugin keeps it from stopping: its code holds the loop, so that a signal is not
// read, or holds up the taking down of the server.
//
// Threads: constructed and destroyed on one, which calls leaving(); `end` is called on the watchdog's own, at most
// once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace gatehouse::cli {

class StopWatchdog {
public:
    static constexpr std::chrono::seconds usualPatience{10};

    // `signals`: a descriptor that is readable while a signal waits to be read. Where the system has no thread to give,
    // nothing is watched.
    StopWatchdog(int signals, std::function<void()> end, std::chrono::milliseconds patience = usualPatience);
    ~StopWatchdog();
    StopWatchdog(const StopWatchdog&) = delete;
    StopWatchdog& operator=(const StopWatchdog&) = delete;

    bool watches() const { return thread_.joinable(); }
    void leaving(); // the server is being taken down, which takes no longer than `patience`

private:
    using Time = std::chrono::steady_clock::time_point;
    void run();
    bool isReadable() const;

    const int signals_;
    const std::function<void()> end_;
    const std::chrono::milliseconds patience_;
    std::mutex mutex_; // guards the members below
    std::condition_variable changed_;
    bool isOver_ = false;
    Time leavingSince_ = Time::max();
    std::thread thread_;
};

} // namespace gatehouse::cli
