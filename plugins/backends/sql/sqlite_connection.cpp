#include "sqlite_connection.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <malloc.h>
#include <sqlite3.h>

#include "bounded_functions.hpp"

namespace gatehouse::sql {

namespace {

constexpr int stepsBetweenLooks = 100; // of SQLite's virtual machine
constexpr int maxSqlBytes = 1 << 20;
constexpr int maxProgramSteps = 25'000; // a program without a loop is not looked at
// Preparing is not looked at either, and may take time that grows with the square of what the statement has.
constexpr std::int64_t maxPrepareBytes = 8 << 20;
constexpr std::int64_t muchMemory = 256 << 10;
constexpr auto lockPause = std::chrono::milliseconds(10);
constexpr int maxLockTries = 500;

// Codes after which nothing is left of the statement; after others (no memory, I/O, a damaged file, an interrupt) the
// connection is not used again.
bool leavesNothing(int result) {
    switch (result & 0xFF) {
        case SQLITE_OK:
        case SQLITE_ERROR:
        case SQLITE_AUTH:
        case SQLITE_TOOBIG:
        case SQLITE_BUSY:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_RANGE:
        case SQLITE_READONLY: return true;
        default: return false;
    }
}

bool isBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n\f") == std::string_view::npos; }

// What the authorizer keeps from statements. Sorting and the like stay in memory, which the account bounds.
void setPragmas(sqlite3* connection) {
    sqlite3_exec(connection, "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -512", nullptr,
                 nullptr, nullptr);
}

} // namespace

// What a statement had goes back to the system before the answer is copied on its way; the C library would keep it.
struct MemoryReturn {
    MemoryAccount& account;
    explicit MemoryReturn(MemoryAccount& counted) : account(counted) { account.forgetPeak(); }
    ~MemoryReturn() {
        if (account.peak() - account.used() > muchMemory) malloc_trim(0);
    }
};

StatementLimits StatementLimits::forAnswers(std::size_t bytes, std::chrono::milliseconds time) {
    const auto size = static_cast<std::int64_t>(bytes);
    StatementLimits limits;
    limits.time = time;
    limits.valueBytes = static_cast<int>(std::clamp<std::int64_t>(size, 1 << 20, 16 << 20));
    limits.memoryBytes = std::clamp<std::int64_t>(2 * size, 2 << 20, 24 << 20);
    return limits;
}

SqliteConnection::SqliteConnection(std::string file, const StatementLimits& limits)
    : file_(std::move(file)), limits_(limits) {}

SqliteConnection::~SqliteConnection() { close(); }

void SqliteConnection::open() {
    if (connection_) return;
    const AccountScope scope(account_);
    limitMemory(limits_.memoryBytes);
    watch_.begin(StatementWatch::Clock::now() + limits_.time);
    const auto before = fileAt(file_);
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(file_.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    if (result != SQLITE_OK) {
        const std::string fault = opened ? sqlite3_errmsg(opened) : "out of memory";
        sqlite3_close_v2(opened);
        throw SqlError("the database cannot be opened: " + fault);
    }
    if (!harden(opened)) {
        sqlite3_close_v2(opened);
        throw SqlError("the database cannot be opened: out of memory");
    }
    opened_ = before && before == fileAt(file_) ? before : std::nullopt;
    const std::lock_guard lock(openMutex_);
    connection_ = opened;
}

bool SqliteConnection::harden(sqlite3* opened) {
    sqlite3_busy_handler(opened, waitForLock, this);
    sqlite3_progress_handler(opened, stepsBetweenLooks, keepGoing, this);
    setPragmas(opened);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, limits_.valueBytes);
    sqlite3_limit(opened, SQLITE_LIMIT_SQL_LENGTH, maxSqlBytes);
    sqlite3_limit(opened, SQLITE_LIMIT_VDBE_OP, maxProgramSteps);
    sqlite3_limit(opened, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(opened, SQLITE_LIMIT_WORKER_THREADS, 0);
    rules_.applyTo(opened);
    return addBoundedFunctions(opened, watch_);
}

void SqliteConnection::interrupt() noexcept {
    watch_.interrupt();
    const std::lock_guard lock(openMutex_);
    if (connection_) sqlite3_interrupt(connection_);
}

void SqliteConnection::close() noexcept {
    sqlite3* closing = nullptr;
    {
        const std::lock_guard lock(openMutex_);
        std::swap(closing, connection_);
    }
    const AccountScope scope(account_);
    statements_.clear();
    sqlite3_close_v2(closing);
    resting_ = 0;
    isSound_ = true;
}

// No transaction is open, and no statement is under way, those of virtual tables included.
bool SqliteConnection::isIdle() const noexcept {
    if (sqlite3_get_autocommit(connection_) == 0 || sqlite3_txn_state(connection_, nullptr) != SQLITE_TXN_NONE)
        return false;
    for (auto* statement = sqlite3_next_stmt(connection_, nullptr); statement;
         statement = sqlite3_next_stmt(connection_, statement))
        if (sqlite3_stmt_busy(statement) != 0) return false;
    return true;
}

bool SqliteConnection::rest() noexcept {
    if (!connection_ || !opened_ || !isSound_ || watch_.isInterrupted() || !isIdle()) return false;
    const AccountScope scope(account_);
    if (account_.used() > maxRestingBytes) sqlite3_db_release_memory(connection_);
    if (account_.used() > maxRestingBytes) statements_.clear();
    resting_ = std::max<std::int64_t>(account_.used(), 0);
    return resting_ <= maxRestingBytes;
}

bool SqliteConnection::isCurrent() const { return opened_ && opened_ == fileAt(file_); }

int SqliteConnection::keepGoing(void* self) noexcept {
    return static_cast<SqliteConnection*>(self)->watch_.ended() ? 1 : 0;
}

int SqliteConnection::waitForLock(void* self, int tries) noexcept {
    if (tries >= maxLockTries || static_cast<SqliteConnection*>(self)->watch_.ended()) return 0;
    std::this_thread::sleep_for(lockPause);
    return 1;
}

std::string SqliteConnection::why() const {
    if (watch_.isInterrupted()) return "the statement was cancelled";
    if (watch_.isLate())
        return "the statement took longer than " + std::to_string(limits_.time.count()) + " ms and was ended";
    const int code = sqlite3_errcode(connection_);
    if (code == SQLITE_AUTH) return std::string("only reading is allowed: ") + sqlite3_errmsg(connection_);
    if (code != SQLITE_NOMEM) return sqlite3_errmsg(connection_);
    if (!account_.isRefused()) return "the statement is too large, or there is no memory";
    return "the statement needs more memory than " + std::to_string(account_.limit() - resting_) +
           " bytes; sort or group fewer rows, or read smaller values";
}

SqlError SqliteConnection::failed(int result) {
    isSound_ = leavesNothing(result);
    return SqlError(why());
}

OwnStatement SqliteConnection::prepare(std::string_view sql) {
    if (sql.find('\0') != std::string_view::npos) throw SqlError("the statement has a NUL character");
    limitMemory(std::min(limits_.memoryBytes, maxPrepareBytes));
    account_.forgetRefusal();
    const std::string text(sql);
    const auto prepared = [&](const char* from, const char** rest) {
        sqlite3_stmt* statement = nullptr;
        const int result = sqlite3_prepare_v3(connection_, from, -1, SQLITE_PREPARE_PERSISTENT, &statement, rest);
        return std::pair(result, OwnStatement(statement));
    };
    const char* rest = nullptr;
    auto [result, statement] = prepared(text.c_str(), &rest);
    if (result != SQLITE_OK) throw failed(result);
    isSound_ = true;
    if (!statement) throw SqlError("there is no statement in the query");
    if (!isBlank(rest)) {
        const auto [nextResult, next] = prepared(rest, nullptr);
        isSound_ = leavesNothing(nextResult);
        if (nextResult != SQLITE_OK || next) throw SqlError("one statement per call");
    }
    if (sqlite3_stmt_readonly(statement.get()) == 0) throw SqlError("only reading is allowed");
    return std::move(statement);
}

OwnStatement SqliteConnection::statementOf(std::string_view sql) {
    rules_.beginStatement(); // a kept one is prepared again when the schema has changed
    OwnStatement kept = statements_.acquire(sql);
    if (!kept) kept = prepare(sql);
    limitMemory(limits_.memoryBytes);
    return kept;
}

void SqliteConnection::query(std::string_view sql, const std::vector<std::string>& parameters,
                             const std::function<void(const Row&)>& columns,
                             const std::function<bool(const Row&)>& row) {
    open();
    const AccountScope scope(account_);
    watch_.begin(StatementWatch::Clock::now() + limits_.time);
    if (watch_.ended()) throw SqlError(why());
    const MemoryReturn memoryReturn(account_);
    OwnStatement statement = statementOf(sql);
    isSound_ = false; // until it is known how it ended
    for (std::size_t i = 0; i < parameters.size(); ++i)
        sqlite3_bind_text(statement.get(), static_cast<int>(i + 1), parameters[i].data(),
                          static_cast<int>(parameters[i].size()), SQLITE_STATIC);
    const Row current(statement.get());
    int result = sqlite3_step(statement.get());
    if (result == SQLITE_ROW || result == SQLITE_DONE) columns(current); // not before: the step reads the schema again
    while (result == SQLITE_ROW && row(current)) result = sqlite3_step(statement.get());
    if (result != SQLITE_ROW && result != SQLITE_DONE) throw failed(result);
    isSound_ = true;
    statements_.keep(std::move(statement));
}

} // namespace gatehouse::sql
