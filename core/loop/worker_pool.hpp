// WorkerPool: threads for what may block. A job that blocks for long never keeps others waiting while threads are
// left: threads are added up to the limit as soon as a job finds none idle, and leave after a quiet time.
//
// Beyond `maxThreads` busy ones and `maxQueued` waiting jobs, submit() says no; the caller answers 503. Threads that
// are lost in a job are made up for, up to `maxReplaced`. What deliver() takes is never refused: it has threads of its
// own, up to `maxCouriers`. A job's exception is logged and goes no further (one of the four catch-all walls). Threads:
// any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "loop/executor.hpp"

namespace gatehouse {

struct WorkerPoolOptions {
    std::size_t maxThreads = 128;
    std::size_t maxQueued = 1024;
    std::chrono::milliseconds quietTime{10'000}; // a thread without work for this long leaves
    std::size_t maxReplaced = 32;
    std::size_t maxCouriers = 4;
};

class WorkerPool final : public Executor {
public:
    // `onFault` is told of a job that threw, from the worker's thread.
    WorkerPool(WorkerPoolOptions options, std::function<void(std::string_view)> onFault);
    ~WorkerPool() override; // stops
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    bool submit(Job job) override; // false also when no thread can be had
    void deliver(Job job) override;
    void lost(int by) override;
    void stop(); // runs what is queued, then joins; takes nothing more
    std::size_t threads() const;
    std::size_t busy() const; // threads that run a job, of either kind

private:
    // Threads of one kind, and what they are to do.
    struct Crew {
        std::deque<Job> queue;
        std::unordered_map<std::thread::id, std::thread> threads;
        std::vector<std::condition_variable*> sleepers; // the last one went to sleep last
        std::size_t idle = 0;                           // sleepers, and those that were woken
        std::size_t limit = 0;                          // of threads
        bool isWaking = false;                          // one was woken, and has not looked yet
    };
    bool addThread(Crew& crew);
    void work(Crew& crew);
    void runGuarded(const Job& job) const;
    static void wakeOne(Crew& crew);
    static void wakeAll(const Crew& crew);
    bool awaitJob(Crew& crew, std::unique_lock<std::mutex>& lock);
    bool nextJob(Crew& crew, Job& job);
    void leave(Crew& crew);

    const WorkerPoolOptions options_;
    const std::function<void(std::string_view)> onFault_;

    mutable std::mutex mutex_; // guards the members below
    Crew workers_, couriers_;
    std::vector<std::thread> left_; // ended, to be joined
    std::size_t lost_ = 0;          // workers
    bool stopping_ = false;
};

} // namespace gatehouse
