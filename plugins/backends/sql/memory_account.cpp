#include "memory_account.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#include <sqlite3.h>

namespace gatehouse::sql {

namespace {

// SQLite's allocator, replaced for the whole process: each block has a head that says what it is charged. What the
// thread of a statement allocates is charged to the account that is open on it, and refused beyond its limit: SQLite
// ends the statement with SQLITE_NOMEM. Outside of a statement nothing is charged.

constexpr std::int64_t bytesBetweenLooks = 256 << 10;
constexpr std::int64_t smallestCharge = 32; // what the system's allocator needs for the smallest block

thread_local MemoryAccount* open_ = nullptr;

// Before each block. The block behind it is aligned as the system's are.
struct alignas(std::max_align_t) BlockHead {
    std::int64_t charge; // 0: not charged
    int size;
};

std::int64_t chargeOf(int size) {
    const std::int64_t whole = size + static_cast<std::int64_t>(sizeof(BlockHead)) + 8;
    return whole < smallestCharge ? smallestCharge : (whole + 15) / 16 * 16;
}

BlockHead* headOf(void* block) { return static_cast<BlockHead*>(block) - 1; }

void* blockMalloc(int size) noexcept {
    const std::int64_t charge = open_ ? chargeOf(size) : 0;
    if (open_ && !open_->reserve(charge)) return nullptr;
    void* raw = std::malloc(sizeof(BlockHead) + static_cast<std::size_t>(size));
    if (raw) return new (raw) BlockHead{charge, size} + 1;
    if (open_) open_->giveBack(charge);
    return nullptr;
}

void blockFree(void* block) noexcept {
    if (!block) return;
    BlockHead* head = headOf(block);
    if (open_) open_->giveBack(head->charge);
    std::free(head);
}

void* blockRealloc(void* block, int size) noexcept {
    const std::int64_t before = headOf(block)->charge;
    const std::int64_t after = open_ ? chargeOf(size) : before;
    if (open_ && !open_->reserve(after)) return nullptr; // both are there for a moment
    void* raw = std::realloc(headOf(block), sizeof(BlockHead) + static_cast<std::size_t>(size));
    if (open_) open_->giveBack(raw ? before : after);
    return raw ? new (raw) BlockHead{after, size} + 1 : nullptr;
}

int blockSize(void* block) noexcept { return block ? headOf(block)->size : 0; }
int roundUp(int size) noexcept { return (size + 7) & ~7; }
int nothingToDo(void*) noexcept { return SQLITE_OK; }
void nothingToEnd(void*) noexcept {}

bool configure(std::int64_t fallbackBytes) noexcept {
    static const sqlite3_mem_methods methods{blockMalloc, blockFree,   blockRealloc, blockSize,
                                             roundUp,     nothingToDo, nothingToEnd, nullptr};
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK) {
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); // the accounts know better, and without a lock for all threads
        return true;
    }
    sqlite3_hard_heap_limit64(fallbackBytes);
    return false;
}

} // namespace

bool MemoryAccount::reserve(std::int64_t bytes) noexcept {
    sinceLook_ += bytes;
    if (sinceLook_ >= bytesBetweenLooks) {
        sinceLook_ = 0;
        if (watch_.ended()) return false;
    }
    if (used_ + bytes > limit_) return isRefused_ = true, false;
    used_ += bytes;
    peak_ = std::max(peak_, used_);
    return true;
}

AccountScope::AccountScope(MemoryAccount& account) noexcept : before_(open_) { open_ = &account; }
AccountScope::~AccountScope() { open_ = before_; }

bool keepAccounts(std::int64_t fallbackBytes) noexcept {
    static const bool kept = configure(fallbackBytes);
    return kept;
}

} // namespace gatehouse::sql
