// SqliteConnection: one read-only connection to an SQLite database, for one client.
//
// Read-only three times over: opened so, told by SQLite's own authorizer which actions are allowed, and without the
// functions that reach files or load code. A statement ends at its deadline or when interrupted.
//
// Threads: one; interrupt() from any.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace gatehouse::sql {

// What went wrong with a statement, in words for the caller.
class SqlError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// One row, read while it lasts.
class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    int columns() const;
    std::string columnName(int column) const;
    std::string text(int column) const;                  // as SQLite would print it; a blob as hexadecimal
    void appendJson(std::string& out, int column) const; // null, number or string; a blob as base16 text
    bool isNull(int column) const;
    std::int64_t integer(int column) const;

private:
    sqlite3_stmt* statement_;
};

class SqliteConnection {
public:
    // Throws SqlError when the file cannot be opened.
    SqliteConnection(const std::string& file, std::chrono::milliseconds statementTime);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    // Runs one statement. `columns` is told the names before the first row; `row` is called for each row until it
    // returns false. Throws SqlError.
    void query(std::string_view sql, const std::vector<std::string>& parameters,
               const std::function<void(const std::vector<std::string>&)>& columns,
               const std::function<bool(const Row&)>& row);

    void interrupt() noexcept { interrupted_ = true; }

private:
    struct Statement;
    static int keepGoing(void* self);
    std::string why() const;
    std::unique_ptr<Statement> prepare(std::string_view sql) const;

    sqlite3* connection_ = nullptr;
    const std::chrono::milliseconds statementTime_;
    std::chrono::steady_clock::time_point deadline_{};
    std::atomic<bool> interrupted_{false};
    bool timedOut_ = false;
};

} // namespace gatehouse::sql
