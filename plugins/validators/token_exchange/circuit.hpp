// Circuit breaker: after some failures in a row no request is made for a while, so that a slow endpoint does not hold
// every worker.
// Threads: any.
#pragma once

#include <chrono>
#include <mutex>

namespace token_exchange {

class Circuit {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr int mostFailures = 3;
    static constexpr std::chrono::seconds rest{10};

    // How long to make no request; zero: make one.
    std::chrono::seconds open(Time now) const {
        const std::lock_guard lock(mutex_);
        if (failures_ < mostFailures || now >= closedFrom_) return std::chrono::seconds(0);
        return std::chrono::duration_cast<std::chrono::seconds>(closedFrom_ - now) + std::chrono::seconds(1);
    }
    void record(bool isGood, Time now) {
        const std::lock_guard lock(mutex_);
        failures_ = isGood ? 0 : failures_ + 1;
        if (failures_ >= mostFailures) closedFrom_ = now + rest;
    }

private:
    mutable std::mutex mutex_; // guards the members
    int failures_ = 0;
    Time closedFrom_{};
};

} // namespace token_exchange
