#include "base/worker_pool.hpp"

#include <exception>
#include <system_error>

namespace gatehouse {

WorkerPool::WorkerPool(WorkerPoolOptions options, std::function<void(std::string_view)> onFault)
    : options_(options), onFault_(std::move(onFault)) {}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::stop() {
    std::unordered_map<std::thread::id, std::thread> threads;
    std::vector<std::thread> left;
    {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        threads.swap(threads_);
        left.swap(left_);
    }
    wake_.notify_all();
    for (auto& [id, thread] : threads) thread.join();
    for (auto& thread : left) thread.join();
}

bool WorkerPool::submit(Job job) {
    std::vector<std::thread> left;
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return false;
        const bool nobodyIdle = queue_.size() >= idle_;
        if (nobodyIdle && !addThread() && (threads_.empty() || queue_.size() >= options_.maxQueued)) return false;
        queue_.push_back(std::move(job));
        left.swap(left_);
    }
    wake_.notify_one();
    for (auto& thread : left) thread.join();
    return true;
}

std::size_t WorkerPool::threads() const {
    std::lock_guard lock(mutex_);
    return threads_.size();
}

std::size_t WorkerPool::busy() const {
    std::lock_guard lock(mutex_);
    return threads_.size() - idle_;
}

// Called with the lock held.
bool WorkerPool::addThread() {
    if (threads_.size() >= options_.maxThreads || stopping_) return false;
    try {
        std::thread thread([this] { work(); });
        const auto id = thread.get_id();
        threads_.emplace(id, std::move(thread));
        return true;
    } catch (const std::system_error&) {
        return false; // the system gives no thread: the ones that run go on
    }
}

void WorkerPool::work() {
    Job job;
    while (nextJob(job)) {
        runGuarded(job);
        job = nullptr;
    }
}

void WorkerPool::runGuarded(const Job& job) const {
    try {
        job();
    } catch (const std::exception& fault) {
        onFault_(fault.what());
    } catch (...) {
        onFault_("a job threw something that is no std::exception");
    }
}

bool WorkerPool::nextJob(Job& job) {
    std::unique_lock lock(mutex_);
    ++idle_;
    const bool woken = wake_.wait_for(lock, options_.quietTime, [this] { return !queue_.empty() || stopping_; });
    --idle_;
    if (!woken || queue_.empty()) {
        leave();
        return false;
    }
    job = std::move(queue_.front());
    queue_.pop_front();
    return true;
}

// Called with the lock held: the thread is joined by whoever comes next.
void WorkerPool::leave() {
    const auto self = threads_.find(std::this_thread::get_id());
    if (self == threads_.end()) return; // the destructor has it
    left_.push_back(std::move(self->second));
    threads_.erase(self);
}

} // namespace gatehouse
