// SqliteConnection: one read-only connection to an SQLite database, for one client.
//
// Read-only three times over: opened so, told by SQLite's own authorizer which actions are allowed, and without the
// functions that reach files or load code. A statement ends within a second of its deadline and of interrupt(),
// whatever it is doing, takes no more memory than the limits say, and writes no temporary file.
//
// Threads: one; interrupt() from any, until the destructor begins.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "memory_account.hpp"
#include "result_row.hpp"
#include "statement_watch.hpp"

struct sqlite3;

namespace gatehouse::sql {

struct StatementLimits {
    std::chrono::milliseconds time{30'000};
    int valueBytes = 1 << 20;           // of one text or blob
    std::int64_t memoryBytes = 2 << 20; // of all that SQLite has for the connection

    // What fits to answers of at most `bytes`.
    static StatementLimits forAnswers(std::size_t bytes, std::chrono::milliseconds time);
};

class SqliteConnection {
public:
    SqliteConnection(std::string file, const StatementLimits& limits);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    // Does nothing when it is open. Throws SqlError when the file cannot be opened.
    void open();

    // Opens the connection when it is not yet, and runs one statement. `columns` is told the names before the first
    // row; `row` is called for each row until it returns false. Throws SqlError.
    void query(std::string_view sql, const std::vector<std::string>& parameters,
               const std::function<void(const std::vector<std::string>&)>& columns,
               const std::function<bool(const Row&)>& row);

    // Ends the statement that runs, and all that come.
    void interrupt() noexcept;
    // As if never opened.
    void close() noexcept;

private:
    struct Statement;
    static int keepGoing(void* self) noexcept;
    static int waitForLock(void* self, int tries) noexcept;
    bool harden(sqlite3* opened); // false: there is no memory
    std::string why() const;
    std::unique_ptr<Statement> prepare(std::string_view sql);

    const std::string file_;
    const StatementLimits limits_;
    StatementWatch watch_;
    MemoryAccount account_{watch_};
    sqlite3* connection_ = nullptr;
    std::mutex openMutex_; // guards what interrupt() sees of connection_: null, or open
};

} // namespace gatehouse::sql
