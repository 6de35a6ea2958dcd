// RepeatingThread: a job that is done again and again, on a thread of its own: for upkeep that may block and that no
// request waits for. It is done for the first time after `every`, and not after the destructor has begun.
// Threads: construct and destroy on one. The job catches what it throws.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace gatehouse {

class RepeatingThread {
public:
    RepeatingThread(std::chrono::milliseconds every, std::function<void()> job);
    ~RepeatingThread(); // waits for a job that is being done
    RepeatingThread(const RepeatingThread&) = delete;
    RepeatingThread& operator=(const RepeatingThread&) = delete;

private:
    void run();

    const std::chrono::milliseconds every_;
    const std::function<void()> job_;
    std::mutex mutex_; // guards isEnding_
    std::condition_variable ending_;
    bool isEnding_ = false;
    std::thread thread_;
};

} // namespace gatehouse
