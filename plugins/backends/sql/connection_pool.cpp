#include "connection_pool.hpp"

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

#include <csignal>

namespace gatehouse::sql {

namespace {

// What is started while one of these lives gets no signal: they are the server's.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_;
};

} // namespace

ConnectionPool::Loan::~Loan() {
    if (const Shared member = std::exchange(member_, nullptr)) pool_->takeBack(member);
}

ConnectionPool::ConnectionPool(const PoolLimits& limits, const StatementLimits& statements,
                               std::function<Clock::time_point()> now)
    : limits_(limits), statements_(statements), now_(std::move(now)) {
    if (limits_.kept > 0 && !startSweeper()) limits_.kept = 0;
}

ConnectionPool::~ConnectionPool() {
    {
        const std::lock_guard lock(mutex_);
        isEnding_ = true;
    }
    changed_.notify_all();
    if (sweeper_.joinable()) sweeper_.join();
}

bool ConnectionPool::startSweeper() {
    const SignalsBlocked blocked;
    try {
        sweeper_ = std::thread([this] { sweep(); });
    } catch (const std::system_error&) {
        return false;
    }
    return true;
}

// --- lending

ConnectionPool::Loan ConnectionPool::lend(const std::string& isolationKey, const std::string& file) {
    while (Shared resting = acquireResting(isolationKey, file)) {
        if (resting->connection.isCurrent()) return Loan(*this, std::move(resting));
        const std::lock_guard lock(mutex_);
        removeLent(resting);
    }
    auto fresh = std::shared_ptr<Member>(new Member{isolationKey, file, {file, statements_}});
    const std::lock_guard lock(mutex_);
    shares_[isolationKey].lent.push_back(fresh);
    return Loan(*this, std::move(fresh));
}

// The one used last has most of what the next call needs. It counts as lent from here on.
ConnectionPool::Shared ConnectionPool::acquireResting(const std::string& isolationKey, const std::string& file) {
    const std::lock_guard lock(mutex_);
    const auto share = shares_.find(isolationKey);
    if (share == shares_.end()) return nullptr;
    auto& idle = share->second.idle;
    const auto found = std::find_if(idle.rbegin(), idle.rend(), [&](const auto& at) { return (*at)->file == file; });
    if (found == idle.rend()) return nullptr;
    share->second.lent.push_back(**found);
    idle_.erase(*found);
    idle.erase(std::next(found).base());
    return share->second.lent.back();
}

void ConnectionPool::takeBack(const Shared& member) noexcept {
    const bool mayStay = limits_.kept > 0 && limits_.keptOfOne > 0 && member->connection.rest();
    std::vector<Shared> closing; // dies after the lock
    const std::lock_guard lock(mutex_);
    try {
        if (mayStay && !member->isGone) keep(member, closing);
    } catch (const std::bad_alloc&) { // nothing has changed: it is closed
    }
    removeLent(member);
}

void ConnectionPool::keep(const Shared& member, std::vector<Shared>& closing) {
    auto& idle = shares_[member->isolationKey].idle;
    closing.reserve(2);
    idle.reserve(idle.size() + 1);
    idle.push_back(idle_.insert(idle_.end(), member));
    member->restsSince = now_();
    if (idle.size() > limits_.keptOfOne) closing.push_back(removeIdle(idle.front()));
    if (idle_.size() > limits_.kept) closing.push_back(removeIdle(idle_.begin()));
    if (sweeperSleeps_) changed_.notify_one();
}

// --- closing

void ConnectionPool::identityGone(std::string_view isolationKey) {
    std::vector<Shared> closing, lent;
    {
        const std::lock_guard lock(mutex_);
        const auto found = shares_.find(std::string(isolationKey));
        if (found == shares_.end()) return;
        Share& share = found->second;
        lent = share.lent;
        for (const Shared& member : lent) member->isGone = true;
        for (const auto& at : share.idle) {
            closing.push_back(*at);
            idle_.erase(at);
        }
        share.idle.clear();
        if (lent.empty()) shares_.erase(found);
    }
    for (const Shared& member : lent) member->connection.interrupt();
}

void ConnectionPool::closeExpired() {
    const auto oldest = now_() - limits_.time;
    std::vector<Shared> closing; // dies after the lock
    const std::lock_guard lock(mutex_);
    while (!idle_.empty() && idle_.front()->restsSince <= oldest) closing.push_back(removeIdle(idle_.begin()));
}

void ConnectionPool::sweep() {
    std::unique_lock lock(mutex_);
    while (!isEnding_) {
        sweeperSleeps_ = idle_.empty();
        if (sweeperSleeps_) {
            changed_.wait(lock);
            continue;
        }
        const auto left = idle_.front()->restsSince + limits_.time - now_();
        if (left > Clock::duration::zero()) {
            changed_.wait_for(lock, left);
            continue;
        }
        lock.unlock();
        closeExpired();
        lock.lock();
    }
}

// --- the lists, under the mutex

ConnectionPool::Shared ConnectionPool::removeIdle(std::list<Shared>::iterator at) {
    Shared member = *at;
    auto& idle = shares_[member->isolationKey].idle;
    idle.erase(std::find(idle.begin(), idle.end(), at));
    idle_.erase(at);
    forgetEmpty(member->isolationKey);
    return member;
}

void ConnectionPool::removeLent(const Shared& member) {
    auto& lent = shares_[member->isolationKey].lent;
    lent.erase(std::find(lent.begin(), lent.end(), member));
    forgetEmpty(member->isolationKey);
}

void ConnectionPool::forgetEmpty(const std::string& isolationKey) {
    const auto share = shares_.find(isolationKey);
    if (share != shares_.end() && share->second.lent.empty() && share->second.idle.empty()) shares_.erase(share);
}

std::size_t ConnectionPool::resting() const {
    const std::lock_guard lock(mutex_);
    return idle_.size();
}

} // namespace gatehouse::sql
