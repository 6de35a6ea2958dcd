// A real EventLoop on a thread of its own, under a clock that tests turn. on() runs work there and waits for it, so a
// test reads like one thread.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "loop/event_loop.hpp"
#include "support/turnable_clock.hpp"

namespace gatehouse::test {

inline constexpr std::chrono::seconds longWait{20}; // what never comes has not come by then

class LoopThread {
public:
    LoopThread()
        : loop(clock, {[this](std::string_view fault) { noteFault(fault); }, {}}), thread_([this] { loop.run(); }) {}
    ~LoopThread() { stop(); }
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;

    // What `work` gives, or throws. No assertions inside: they belong to the test's thread.
    template <class Work>
    auto on(Work work) -> std::invoke_result_t<Work> {
        using Result = std::invoke_result_t<Work>;
        auto task = std::make_shared<std::packaged_task<Result()>>(std::move(work));
        auto released = std::make_shared<std::promise<void>>();
        auto result = task->get_future();
        auto end = released->get_future();
        // The loop's part of the task goes first: an exception is then read and freed on the test's thread alone.
        loop.post([task = std::move(task), released]() mutable {
            (*task)();
            task.reset();
            released->set_value();
        });
        if (end.wait_for(longWait) != std::future_status::ready) throw std::runtime_error("the loop stands still");
        return result.get();
    }
    // Everything that was posted or came due until now has run.
    void settle() {
        for (int i = 0; i < 3; ++i) on([] {});
    }
    void turn(std::chrono::milliseconds by) { // of the clock
        clock.turn(by);
        settle();
    }
    void stop() {
        if (!thread_.joinable()) return;
        loop.stop();
        thread_.join();
    }
    std::vector<std::string> faults() const {
        const std::lock_guard lock(mutex_);
        return faults_;
    }

    TurnableClock clock;
    EventLoop loop;

private:
    void noteFault(std::string_view fault) {
        const std::lock_guard lock(mutex_);
        faults_.emplace_back(fault);
    }
    mutable std::mutex mutex_; // guards faults_
    std::vector<std::string> faults_;
    std::thread thread_;
};

} // namespace gatehouse::test
