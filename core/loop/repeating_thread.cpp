#include "loop/repeating_thread.hpp"

#include "base/signal_mask.hpp"

namespace gatehouse {

RepeatingThread::RepeatingThread(std::chrono::milliseconds every, std::function<void()> job)
    : every_(every), job_(std::move(job)) {
    const SignalsBlocked whileItStarts; // they are the process's own thread's to take
    thread_ = std::thread([this] { run(); });
}

RepeatingThread::~RepeatingThread() {
    {
        const std::lock_guard lock(mutex_);
        isEnding_ = true;
    }
    ending_.notify_all();
    thread_.join();
}

void RepeatingThread::run() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            if (ending_.wait_for(lock, every_, [this] { return isEnding_; })) return;
        }
        job_();
    }
}

} // namespace gatehouse
