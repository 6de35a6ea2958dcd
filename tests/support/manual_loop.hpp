// Stands for the loop where only its post() is needed: work comes from any thread and runs when the test says so.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace gatehouse::test {

class ManualLoop {
public:
    void post(std::function<void()> work) {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
        came_.notify_all();
    }
    // Runs what comes until `done`; false when that takes too long.
    bool runUntil(const std::function<bool()>& done) {
        while (!done()) {
            std::function<void()> next;
            {
                std::unique_lock lock(mutex_);
                if (!came_.wait_for(lock, std::chrono::seconds(20), [this] { return !work_.empty(); })) return false;
                next = std::move(work_.front());
                work_.pop_front();
            }
            next();
        }
        return true;
    }

private:
    std::mutex mutex_; // guards work_
    std::condition_variable came_;
    std::deque<std::function<void()>> work_;
};

// A door that stays shut until it is opened, and tells how many wait before it.
class Latch {
public:
    void pass() {
        std::unique_lock lock(mutex_);
        ++arrived_;
        moved_.notify_all();
        moved_.wait(lock, [this] { return open_; });
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        moved_.notify_all();
    }
    bool waitForArrivals(int count) {
        std::unique_lock lock(mutex_);
        return moved_.wait_for(lock, std::chrono::seconds(20), [&] { return arrived_ >= count; });
    }

private:
    std::mutex mutex_; // guards the members
    std::condition_variable moved_;
    int arrived_ = 0;
    bool open_ = false;
};

} // namespace gatehouse::test
