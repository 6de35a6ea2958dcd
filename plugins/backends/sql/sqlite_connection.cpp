#include "sqlite_connection.hpp"

#include <algorithm>
#include <thread>

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

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> list) {
    return std::any_of(list.begin(), list.end(), [&](std::string_view item) {
        return sqlite3_strnicmp(text.data(), item.data(), static_cast<int>(std::max(text.size(), item.size()))) == 0;
    });
}

// The one place that says what a statement may do.
int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
    switch (action) {
        case SQLITE_SELECT:
        case SQLITE_READ:
        case SQLITE_RECURSIVE: return SQLITE_OK;
        case SQLITE_FUNCTION:
            return second && isOneOf(second, {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})
                       ? SQLITE_DENY
                       : SQLITE_OK;
        case SQLITE_PRAGMA:
            return first && isOneOf(first, {"table_info", "table_xinfo", "table_list", "index_list", "index_info",
                                            "foreign_key_list"})
                       ? SQLITE_OK
                       : SQLITE_DENY;
        default: return SQLITE_DENY;
    }
}

// The first use of a pragma as a table declares it, which SQLite asks the authorizer about as a write: done before.
void declarePragmaTables(sqlite3* connection) {
    sqlite3_exec(
        connection,
        "SELECT 1 FROM pragma_table_info(''), pragma_table_xinfo(''), pragma_table_list, pragma_index_list(''), "
        "pragma_index_info(''), pragma_foreign_key_list('') LIMIT 0",
        nullptr, nullptr, nullptr);
}

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

struct SqliteConnection::Statement {
    sqlite3_stmt* handle = nullptr;
    ~Statement() { sqlite3_finalize(handle); }
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
    account_.limit(limits_.memoryBytes);
    watch_.begin(StatementWatch::Clock::now() + limits_.time);
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(file_.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr);
    if (result != SQLITE_OK) {
        const std::string fault = opened ? sqlite3_errmsg(opened) : "out of memory";
        sqlite3_close_v2(opened);
        throw SqlError("the database cannot be opened: " + fault);
    }
    if (!harden(opened)) {
        sqlite3_close_v2(opened);
        throw SqlError("the database cannot be opened: out of memory");
    }
    const std::lock_guard lock(openMutex_);
    connection_ = opened;
}

bool SqliteConnection::harden(sqlite3* opened) {
    sqlite3_busy_handler(opened, waitForLock, this);
    sqlite3_progress_handler(opened, stepsBetweenLooks, keepGoing, this);
    setPragmas(opened);
    declarePragmaTables(opened);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, limits_.valueBytes);
    sqlite3_limit(opened, SQLITE_LIMIT_SQL_LENGTH, maxSqlBytes);
    sqlite3_limit(opened, SQLITE_LIMIT_VDBE_OP, maxProgramSteps);
    sqlite3_limit(opened, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(opened, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_set_authorizer(opened, authorize, nullptr);
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
    sqlite3_close_v2(closing);
}

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
    return "the statement needs more memory than " + std::to_string(account_.limit()) +
           " bytes; sort or group fewer rows, or read smaller values";
}

std::unique_ptr<SqliteConnection::Statement> SqliteConnection::prepare(std::string_view sql) {
    if (sql.find('\0') != std::string_view::npos) throw SqlError("the statement has a NUL character");
    account_.limit(std::min(limits_.memoryBytes, maxPrepareBytes));
    account_.forgetRefusal();
    auto statement = std::make_unique<Statement>();
    const char* rest = nullptr;
    const std::string text(sql);
    if (sqlite3_prepare_v2(connection_, text.c_str(), static_cast<int>(text.size() + 1), &statement->handle, &rest) !=
        SQLITE_OK)
        throw SqlError(why());
    if (!statement->handle) throw SqlError("there is no statement in the query");
    Statement next;
    if (sqlite3_prepare_v2(connection_, rest, -1, &next.handle, nullptr) != SQLITE_OK || next.handle)
        throw SqlError("one statement per call");
    if (sqlite3_stmt_readonly(statement->handle) == 0) throw SqlError("only reading is allowed");
    account_.limit(limits_.memoryBytes);
    return statement;
}

void SqliteConnection::query(std::string_view sql, const std::vector<std::string>& parameters,
                             const std::function<void(const std::vector<std::string>&)>& columns,
                             const std::function<bool(const Row&)>& row) {
    open();
    const AccountScope scope(account_);
    watch_.begin(StatementWatch::Clock::now() + limits_.time);
    if (watch_.ended()) throw SqlError(why());
    const MemoryReturn memoryReturn(account_);
    const auto statement = prepare(sql);
    for (std::size_t i = 0; i < parameters.size(); ++i)
        sqlite3_bind_text(statement->handle, static_cast<int>(i + 1), parameters[i].c_str(),
                          static_cast<int>(parameters[i].size()), SQLITE_TRANSIENT);
    const Row current(statement->handle);
    std::vector<std::string> names;
    for (int i = 0; i < current.columns(); ++i) names.push_back(current.columnName(i));
    columns(names);
    while (true) {
        const int result = sqlite3_step(statement->handle);
        if (result == SQLITE_DONE) return;
        if (result != SQLITE_ROW) throw SqlError(why());
        if (!row(current)) return;
    }
}

} // namespace gatehouse::sql
