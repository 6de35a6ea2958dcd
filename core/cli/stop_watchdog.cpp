#include "cli/stop_watchdog.hpp"

#include <algorithm>
#include <system_error>

#include <poll.h>

namespace gatehouse::cli {

StopWatchdog::StopWatchdog(int signals, std::function<void()> end, std::chrono::milliseconds patience)
    : signals_(signals), end_(std::move(end)), patience_(patience) {
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) { // no thread to be had: the server serves, unwatched
    }
}

StopWatchdog::~StopWatchdog() {
    {
        const std::lock_guard lock(mutex_);
        isOver_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void StopWatchdog::leaving() {
    const std::lock_guard lock(mutex_);
    leavingSince_ = std::chrono::steady_clock::now();
    changed_.notify_all();
}

bool StopWatchdog::isReadable() const {
    pollfd one{signals_, POLLIN, 0};
    return ::poll(&one, 1, 0) == 1 && (one.revents & POLLIN) != 0;
}

// Looks a few times within the patience; between two looks a signal that is read in time is gone again.
void StopWatchdog::run() {
    Time unreadSince = Time::max();
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, patience_ / 8, [this] { return isOver_; })) {
        const Time now = std::chrono::steady_clock::now();
        if (!isReadable()) unreadSince = Time::max();
        else if (unreadSince == Time::max()) unreadSince = now;
        const Time since = std::min(unreadSince, leavingSince_);
        if (since == Time::max() || now - since < patience_) continue;
        lock.unlock();
        end_();
        return;
    }
}

} // namespace gatehouse::cli
