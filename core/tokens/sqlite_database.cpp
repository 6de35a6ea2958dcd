#include "tokens/sqlite_database.hpp"

#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tokens/atomic_file.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

namespace {

constexpr int busyMillis = 5'000;

// What SQLite creates takes the file's mode: nobody else may read it from its first byte on.
void makePrivate(const std::string& file) {
    makeFolder(std::filesystem::path(file).parent_path());
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), file);
    ::close(descriptor);
}

int flagsOf(SqliteDatabase::Mode mode) {
    return (mode == SqliteDatabase::Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
}

} // namespace

void SqliteDatabase::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

SqliteDatabase::SqliteDatabase(const std::string& file, Mode mode) : file_(file) {
    if (mode == Mode::create) makePrivate(file);
    else if (!std::filesystem::exists(file)) throw TokenStoreMissing(file + ": no such file");
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &handle, flagsOf(mode), nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) fail("opening it");
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, busyMillis);
    if (mode != Mode::read) run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
    version_ = std::make_unique<SqliteStatement>(*this, "PRAGMA data_version");
}

// No space is an error of the system, as it is with a file.
void SqliteDatabase::fail(const char* doing) const {
    const int code = handle_ ? sqlite3_extended_errcode(handle_.get()) : SQLITE_NOMEM;
    const std::string words = file_ + ": " + doing + ": " + (handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory");
    if ((code & 0xFF) == SQLITE_FULL) throw std::system_error(ENOSPC, std::generic_category(), words);
    throw TokenStoreError(words);
}

void SqliteDatabase::run(const char* statements) {
    if (sqlite3_exec(handle_.get(), statements, nullptr, nullptr, nullptr) != SQLITE_OK) fail("a statement");
}

void SqliteDatabase::transaction(const std::function<void()>& work) {
    run("BEGIN IMMEDIATE");
    struct Rollback {
        sqlite3* handle;
        bool isDone = false;
        ~Rollback() {
            if (!isDone) sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
        }
    } rollback{handle_.get()};
    work();
    run("COMMIT");
    rollback.isDone = true;
}

std::int64_t SqliteDatabase::dataVersion() {
    version_->next();
    const std::int64_t version = version_->number(0);
    version_->reset();
    return version;
}

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteStatement::SqliteStatement(SqliteDatabase& database, const char* sql) : database_(database) {
    sqlite3_stmt* handle = nullptr;
    must(sqlite3_prepare_v3(database.handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr),
         "preparing a statement");
    handle_.reset(handle);
}

void SqliteStatement::must(int code, const char* doing) const {
    if (code != SQLITE_OK) database_.fail(doing);
}

SqliteStatement& SqliteStatement::text(int at, std::string_view value) {
    must(sqlite3_bind_text(handle_.get(), at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC), "a text");
    return *this;
}

SqliteStatement& SqliteStatement::blob(int at, std::string_view value) {
    must(sqlite3_bind_blob(handle_.get(), at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC), "a blob");
    return *this;
}

SqliteStatement& SqliteStatement::number(int at, std::int64_t value) {
    must(sqlite3_bind_int64(handle_.get(), at, value), "a number");
    return *this;
}

SqliteStatement& SqliteStatement::null(int at) {
    must(sqlite3_bind_null(handle_.get(), at), "a null");
    return *this;
}

bool SqliteStatement::next() {
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3_reset(handle_.get());
    database_.fail("a statement");
}

void SqliteStatement::run() {
    while (next()) continue;
    reset();
}

void SqliteStatement::reset() {
    sqlite3_reset(handle_.get());
    sqlite3_clear_bindings(handle_.get());
}

std::string_view SqliteStatement::text(int column) const { return blob(column); }

std::string_view SqliteStatement::blob(int column) const {
    const void* const data = sqlite3_column_blob(handle_.get(), column);
    return {static_cast<const char*>(data),
            data ? static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)) : 0};
}

std::int64_t SqliteStatement::number(int column) const { return sqlite3_column_int64(handle_.get(), column); }

} // namespace gatehouse
