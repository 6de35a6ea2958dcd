#include "cli/start_limit.hpp"

#include <system_error>

namespace gatehouse::cli {

StartLimit::StartLimit(std::function<void()> end, std::chrono::milliseconds patience) : end_(std::move(end)) {
    try {
        thread_ = std::thread([this, patience] {
            std::unique_lock lock(mutex_);
            if (changed_.wait_for(lock, patience, [this] { return isOver_; })) return;
            lock.unlock();
            end_();
        });
    } catch (const std::system_error&) { // no thread to be had
    }
}

StartLimit::~StartLimit() {
    {
        const std::lock_guard lock(mutex_);
        isOver_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

} // namespace gatehouse::cli
