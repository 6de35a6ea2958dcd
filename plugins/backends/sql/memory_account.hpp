// MemoryAccount: what one connection's SQLite may take from memory, to the byte.
//
// SQLite asks one allocator for everything, in the whole process. Ours takes from the system and charges the account
// that is open on the thread; past the limit, or when the statement has to end, it answers that there is no memory, and
// the statement fails with SQLITE_NOMEM. Memory taken with no account open is not charged to anybody. What is freed
// while another account is open is credited there: SQLite shares some hundred bytes among connections, so an account
// may be wrong by as much, and may go below zero.
#pragma once

#include <cstddef>
#include <cstdint>

#include "statement_watch.hpp"

namespace gatehouse::sql {

// Threads: the one that has it open.
class MemoryAccount {
public:
    explicit MemoryAccount(StatementWatch& watch) : watch_(watch) {}

    void limit(std::int64_t bytes) noexcept { limit_ = bytes; }
    std::int64_t limit() const noexcept { return limit_; }
    std::int64_t used() const noexcept { return used_; }
    std::int64_t peak() const noexcept { return peak_; } // the most that was used since forgetPeak()
    void forgetPeak() noexcept { peak_ = used_; }
    bool isRefused() const noexcept { return isRefused_; } // the limit was met since forgetRefusal()
    void forgetRefusal() noexcept { isRefused_ = false; }

    // False: the bytes are not to be had.
    bool reserve(std::int64_t bytes) noexcept;
    void giveBack(std::int64_t bytes) noexcept { used_ -= bytes; }

private:
    StatementWatch& watch_;
    std::int64_t used_ = 0;
    std::int64_t peak_ = 0;
    std::int64_t limit_ = INT64_MAX;
    std::int64_t sinceLook_ = 0;
    bool isRefused_ = false;
};

// The account is open on this thread while it lives. Scopes nest.
class AccountScope {
public:
    explicit AccountScope(MemoryAccount& account) noexcept;
    ~AccountScope();
    AccountScope(const AccountScope&) = delete;
    AccountScope& operator=(const AccountScope&) = delete;

private:
    MemoryAccount* const before_;
};

// Gives SQLite the allocator that keeps accounts, once in a process, before anything else has used SQLite. False when
// something has: accounts then say nothing, and `fallbackBytes` bounds what SQLite takes in the whole process.
bool keepAccounts(std::int64_t fallbackBytes) noexcept;

} // namespace gatehouse::sql
