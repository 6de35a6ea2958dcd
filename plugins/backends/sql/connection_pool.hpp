// ConnectionPool: connections that rest between two calls of one identity, and are lent to the client of the next.
//
// A connection belongs to one isolation key and one file, for good. It is closed instead of kept when it met a fault,
// was interrupted, or when its identity has gone; and instead of lent when its path leads to another file by now. At a
// limit the longest unused is closed first, of the same identity where that has its share.
//
// Threads: any. No lock is held while SQLite works, opens or closes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "sqlite_connection.hpp"

namespace gatehouse::sql {

struct PoolLimits {
    std::size_t kept = 64;                  // connections at rest, of all; 0: none rests
    std::size_t keptOfOne = 4;              // of one identity
    std::chrono::milliseconds time{30'000}; // how long one rests
};

class ConnectionPool {
    struct Member {
        const std::string isolationKey;
        const std::string file;
        SqliteConnection connection;
        std::chrono::steady_clock::time_point restsSince{};
        bool isGone = false; // its identity has; guarded by the pool's mutex
    };
    using Shared = std::shared_ptr<Member>;

public:
    using Clock = std::chrono::steady_clock;

    // One client's connection. Goes back when it is destroyed; the pool has to outlive it.
    class Loan {
    public:
        Loan(ConnectionPool& pool, Shared member) : pool_(&pool), member_(std::move(member)) {}
        ~Loan();
        Loan(Loan&& other) noexcept : pool_(other.pool_), member_(std::move(other.member_)) {}
        Loan& operator=(Loan&&) = delete;

        SqliteConnection& operator*() const { return member_->connection; }
        SqliteConnection* operator->() const { return &member_->connection; }

    private:
        ConnectionPool* pool_;
        Shared member_;
    };

    ConnectionPool(const PoolLimits& limits, const StatementLimits& statements,
                   std::function<Clock::time_point()> now = Clock::now);
    // Ends the thread that closes what has rested for too long.
    ~ConnectionPool();
    ConnectionPool(const ConnectionPool&) = delete;
    ConnectionPool& operator=(const ConnectionPool&) = delete;

    // One that rests, or a new one that is not yet open.
    Loan lend(const std::string& isolationKey, const std::string& file);
    // Closes the identity's connections: those at rest now; those that are lent are interrupted, and closed on return.
    void identityGone(std::string_view isolationKey);
    // Closes what has rested for too long. A thread of the pool's calls it when the time of the first is over.
    void closeExpired();

    std::size_t resting() const;
    bool closesByItself() const { return sweeper_.joinable(); } // false: there was no thread, and nothing is kept

private:
    struct Share { // of one identity
        std::vector<Shared> lent;
        std::vector<std::list<Shared>::iterator> idle; // the longest unused first
    };
    using Shares = std::unordered_map<std::string, Share>;

    Shared acquireResting(const std::string& isolationKey, const std::string& file);
    void takeBack(const Shared& member) noexcept;
    void keep(const Shared& member, std::vector<Shared>& closing);
    Shared removeIdle(std::list<Shared>::iterator at);
    void removeLent(const Shared& member);
    void forgetEmpty(const std::string& isolationKey);
    void sweep();
    bool startSweeper();

    PoolLimits limits_;
    const StatementLimits statements_;
    const std::function<Clock::time_point()> now_;

    mutable std::mutex mutex_; // guards what follows, down to the thread
    std::condition_variable changed_;
    std::list<Shared> idle_; // the longest unused first
    Shares shares_;
    bool isEnding_ = false;
    bool sweeperSleeps_ = false; // until something rests
    std::thread sweeper_;
};

} // namespace gatehouse::sql
