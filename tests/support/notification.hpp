// Waiting for something that another thread does: woken by it, bounded generously, never slept for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace gatehouse::test {

inline constexpr std::chrono::seconds generous{20};

class Notification {
public:
    void ring() {
        const std::lock_guard lock(mutex_);
        ++rings_;
        changed_.notify_all();
    }
    int rings() const {
        const std::lock_guard lock(mutex_);
        return rings_;
    }
    // Waits until the bell has rung `count` times in all; false when `limit` has passed first.
    bool waitFor(int count, std::chrono::milliseconds limit = generous) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [&] { return rings_ >= count; });
    }
    // Waits until `seen` is true; it is asked again at each ring.
    bool waitUntil(const std::function<bool()>& seen, std::chrono::milliseconds limit = generous) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, seen);
    }

private:
    mutable std::mutex mutex_; // guards rings_
    mutable std::condition_variable changed_;
    int rings_ = 0;
};

} // namespace gatehouse::test
