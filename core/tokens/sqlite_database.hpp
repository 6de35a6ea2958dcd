// SqliteDatabase: one connection to an SQLite file of our own, and its statements. The one file of core that wraps
// SQLite.
//
// Durable when a transaction has ended: write-ahead log, synced at each commit. A writer that another one holds up
// waits up to five seconds.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace gatehouse {

class SqliteDatabase {
public:
    enum class Mode { read, write, create };
    // Throws TokenStoreError, as all that follows; TokenStoreMissing when there is no such file to read.
    SqliteDatabase(const std::string& file, Mode mode);

    // Statements without a result, one after the other.
    void run(const char* statements);
    // Runs `work` in one transaction that writes; what it throws comes out, and nothing has changed.
    void transaction(const std::function<void()>& work);
    // A number that grows with each change that another connection commits.
    std::int64_t dataVersion();
    const std::string& file() const { return file_; }

private:
    friend class SqliteStatement;
    [[noreturn]] void fail(const char* doing) const;
    struct Close {
        void operator()(sqlite3* database) const;
    };
    const std::string file_;
    std::unique_ptr<sqlite3, Close> handle_;
    std::unique_ptr<class SqliteStatement> version_;
};

// A statement that is compiled once and run often: bind, then next() until it says false, then reset().
class SqliteStatement {
public:
    SqliteStatement(SqliteDatabase& database, const char* sql);

    // Texts and blobs live until reset(). From 1.
    SqliteStatement& text(int at, std::string_view value);
    SqliteStatement& blob(int at, std::string_view value);
    SqliteStatement& number(int at, std::int64_t value);
    SqliteStatement& null(int at);
    bool next(); // a row is there
    void run();  // to its end, and reset
    void reset();

    // Of the row; from 0. Views live until the next call.
    std::string_view text(int column) const;
    std::string_view blob(int column) const;
    std::int64_t number(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    void must(int code, const char* doing) const;
    SqliteDatabase& database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

} // namespace gatehouse
