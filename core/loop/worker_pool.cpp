#include "loop/worker_pool.hpp"

#include <algorithm>
#include <exception>
#include <system_error>

#include "base/signal_mask.hpp"

namespace gatehouse {

WorkerPool::WorkerPool(WorkerPoolOptions options, std::function<void(std::string_view)> onFault)
    : options_(options), onFault_(std::move(onFault)) {
    workers_.limit = options_.maxThreads;
    couriers_.limit = options_.maxCouriers;
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::stop() {
    std::unordered_map<std::thread::id, std::thread> threads, couriers;
    std::vector<std::thread> left;
    {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        wakeAll(workers_);
        wakeAll(couriers_);
        threads.swap(workers_.threads);
        couriers.swap(couriers_.threads);
        left.swap(left_);
    }
    for (auto& [id, thread] : threads) thread.join();
    for (auto& [id, thread] : couriers) thread.join();
    for (auto& thread : left) thread.join();
}

bool WorkerPool::submit(Job job) {
    std::vector<std::thread> left;
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return false;
        Crew& crew = workers_;
        const bool nobodyIdle = crew.queue.size() >= crew.idle;
        if (nobodyIdle && !addThread(crew) && (crew.threads.empty() || crew.queue.size() >= options_.maxQueued))
            return false;
        crew.queue.push_back(std::move(job));
        wakeOne(crew);
        left.swap(left_);
    }
    for (auto& thread : left) thread.join();
    return true;
}

// Without a thread to be had it waits for the next one, or for stop().
void WorkerPool::deliver(Job job) {
    std::vector<std::thread> left;
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return;
        if (couriers_.queue.size() >= couriers_.idle) addThread(couriers_);
        couriers_.queue.push_back(std::move(job));
        wakeOne(couriers_);
        left.swap(left_);
    }
    for (auto& thread : left) thread.join();
}

void WorkerPool::wakeAll(const Crew& crew) {
    for (std::condition_variable* sleeper : crew.sleepers) sleeper->notify_one();
}

void WorkerPool::lost(int by) {
    std::lock_guard lock(mutex_);
    lost_ = by < 0 ? lost_ - std::min(lost_, static_cast<std::size_t>(-by)) : lost_ + static_cast<std::size_t>(by);
    workers_.limit = options_.maxThreads + std::min(lost_, options_.maxReplaced);
    if (workers_.queue.size() > workers_.idle) addThread(workers_);
}

std::size_t WorkerPool::threads() const {
    std::lock_guard lock(mutex_);
    return workers_.threads.size();
}

std::size_t WorkerPool::busy() const {
    std::lock_guard lock(mutex_);
    return workers_.threads.size() - workers_.idle + couriers_.threads.size() - couriers_.idle;
}

// Called with the lock held.
bool WorkerPool::addThread(Crew& crew) {
    if (crew.threads.size() >= crew.limit || stopping_) return false;
    try {
        crew.sleepers.reserve(crew.threads.size() + 1); // so that going to sleep needs no memory
        const SignalsBlocked whileItStarts;
        std::thread thread([this, &crew] { work(crew); });
        const auto id = thread.get_id();
        crew.threads.emplace(id, std::move(thread));
        return true;
    } catch (const std::system_error&) {
        return false; // the system gives no thread: the ones that run go on
    }
}

void WorkerPool::work(Crew& crew) {
    Job job;
    while (nextJob(crew, job)) {
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

// Called with the lock held, after each change of the queue: while there is work and a thread sleeps, one is on its way
// to it. It wakes the next one itself, so that many jobs at once do not wake many threads that come too late. The one
// that went to sleep last is woken: its memory is the warmest, and those that are not needed may leave.
void WorkerPool::wakeOne(Crew& crew) {
    if (crew.isWaking || crew.queue.empty() || crew.sleepers.empty()) return;
    crew.isWaking = true;
    crew.sleepers.back()->notify_one();
    crew.sleepers.pop_back();
}

// Waits until there is a job. False: stopped, or quiet for too long.
bool WorkerPool::awaitJob(Crew& crew, std::unique_lock<std::mutex>& lock) {
    const auto end = std::chrono::steady_clock::now() + options_.quietTime;
    std::condition_variable wake;
    ++crew.idle;
    bool isQuiet = false;
    while (crew.queue.empty() && !stopping_ && !isQuiet) {
        crew.sleepers.push_back(&wake);
        isQuiet = wake.wait_until(lock, end) == std::cv_status::timeout;
        crew.isWaking = false; // whatever woke it, it looks now
        crew.sleepers.erase(std::remove(crew.sleepers.begin(), crew.sleepers.end(), &wake), crew.sleepers.end());
    }
    --crew.idle;
    return !crew.queue.empty();
}

bool WorkerPool::nextJob(Crew& crew, Job& job) {
    std::unique_lock lock(mutex_);
    if (crew.queue.empty() && !awaitJob(crew, lock)) {
        leave(crew);
        return false;
    }
    job = std::move(crew.queue.front());
    crew.queue.pop_front();
    wakeOne(crew);
    return true;
}

// Called with the lock held: the thread is joined by the next worker.
void WorkerPool::leave(Crew& crew) {
    const auto self = crew.threads.find(std::this_thread::get_id());
    if (self == crew.threads.end()) return; // the destructor has it
    left_.push_back(std::move(self->second));
    crew.threads.erase(self);
}

} // namespace gatehouse
