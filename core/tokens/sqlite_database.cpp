#include "tokens/sqlite_database.hpp"

#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tokens/atomic_file.hpp"
#include "tokens/file_watcher.hpp"
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

bool isReader(SqliteDatabase::Mode mode) {
    return mode == SqliteDatabase::Mode::read || mode == SqliteDatabase::Mode::judge;
}

int flagsOf(SqliteDatabase::Mode mode) {
    return (isReader(mode) ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
}

// The log of what is written lies beside the file.
class FolderWatch final : public SqlSource::Watch {
public:
    FolderWatch(const std::string& file, std::function<void()> changed) : watcher_(file, std::move(changed)) {}
    void lookNow() override { watcher_.lookNow(); }

private:
    FileWatcher watcher_;
};

} // namespace

class SqliteDatabase::Statement final : public PreparedSql {
public:
    Statement(SqliteDatabase& database, const char* sql) : database_(database) {
        sqlite3_stmt* handle = nullptr;
        must(sqlite3_prepare_v3(database.handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr),
             "preparing a statement");
        handle_.reset(handle);
    }
    void text(int at, std::string_view value) override {
        must(sqlite3_bind_text(handle_.get(), at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC),
             "a text");
    }
    void blob(int at, std::string_view value) override {
        must(sqlite3_bind_blob(handle_.get(), at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC),
             "a blob");
    }
    void number(int at, std::int64_t value) override { must(sqlite3_bind_int64(handle_.get(), at, value), "a number"); }
    bool next() override {
        const int code = sqlite3_step(handle_.get());
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        sqlite3_reset(handle_.get());
        database_.fail("a statement");
    }
    void reset() override {
        sqlite3_reset(handle_.get());
        sqlite3_clear_bindings(handle_.get());
    }
    std::string_view bytes(int column) const override {
        const void* const data = sqlite3_column_blob(handle_.get(), column);
        return {static_cast<const char*>(data),
                data ? static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)) : 0};
    }
    std::int64_t number(int column) const override { return sqlite3_column_int64(handle_.get(), column); }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    void must(int code, const char* doing) const {
        if (code != SQLITE_OK) database_.fail(doing);
    }
    SqliteDatabase& database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

void SqliteDatabase::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

SqliteDatabase::SqliteDatabase(const std::string& file, Mode mode, Sync sync) : file_(file) {
    if (mode == Mode::create) makePrivate(file);
    else if (!std::filesystem::exists(file)) throw TokenStoreMissing(file + ": no such file");
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &handle, flagsOf(mode), nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) fail("opening it");
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, busyMillis);
    if (isReader(mode)) return;
    run("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON;");
    run(sync == Sync::full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

// No space is an error of the system, as it is with a file.
void SqliteDatabase::fail(const char* doing) const {
    const int code = handle_ ? sqlite3_extended_errcode(handle_.get()) : SQLITE_NOMEM;
    const std::string words = file_ + ": " + doing + ": " + (handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory");
    if ((code & 0xFF) == SQLITE_FULL) throw std::system_error(ENOSPC, std::generic_category(), words);
    throw TokenStoreError(words);
}

void SqliteDatabase::run(const std::string& statements) {
    if (sqlite3_exec(handle_.get(), statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("a statement");
}

std::unique_ptr<PreparedSql> SqliteDatabase::prepare(const char* sql) {
    return std::make_unique<Statement>(*this, sql);
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

std::int64_t SqliteDatabase::tablesVersion() {
    Statement version(*this, "PRAGMA user_version");
    version.next();
    return version.number(0);
}

void SqliteDatabase::setTablesVersion(std::int64_t version) { run("PRAGMA user_version=" + std::to_string(version)); }

const SqlWords& SqliteDatabase::words() const {
    static constexpr SqlWords own{.key = "INTEGER PRIMARY KEY AUTOINCREMENT", .bytes = "BLOB", .flat = "WITHOUT ROWID"};
    return own;
}

std::unique_ptr<SqlDatabase> SqliteSource::open(Mode mode) const {
    return std::make_unique<SqliteDatabase>(file_, mode, sync_);
}

std::unique_ptr<SqlSource::Watch> SqliteSource::watch(std::function<void()> changed) const {
    return std::make_unique<FolderWatch>(file_, std::move(changed));
}

bool SqliteSource::exists() const { return std::filesystem::exists(file_); }

std::vector<std::string> SqliteSource::warnings() const {
    struct stat facts {};
    if (::stat(file_.c_str(), &facts) != 0 || (facts.st_mode & 077) == 0) return {};
    return {file_ + ": others may read or write it; expected mode 0600"};
}

} // namespace gatehouse
