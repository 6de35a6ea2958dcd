// StartLimit: ends the process when a plugin keeps it from starting: its constructor does not return.
//
// Threads: constructed and destroyed on one; `end` is called on a thread of its own, at most once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace gatehouse::cli {

class StartLimit {
public:
    static constexpr std::chrono::seconds usualPatience{60};

    // Where the system has no thread to give, nothing is limited.
    explicit StartLimit(std::function<void()> end, std::chrono::milliseconds patience = usualPatience);
    ~StartLimit(); // the server has started
    StartLimit(const StartLimit&) = delete;
    StartLimit& operator=(const StartLimit&) = delete;

private:
    const std::function<void()> end_;
    std::mutex mutex_; // guards isOver_
    std::condition_variable changed_;
    bool isOver_ = false;
    std::thread thread_;
};

} // namespace gatehouse::cli
