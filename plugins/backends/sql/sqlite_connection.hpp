// SqliteConnection: one read-only connection to an SQLite database, for one client at a time.
//
// Read-only three times over: opened so, told by SQLite's own authorizer which actions are allowed, and without the
// functions that reach files or load code. A statement ends within a second of its deadline and of interrupt(),
// whatever it is doing, takes no more memory than the limits say, and writes no temporary file.
//
// Between two clients it can rest: it keeps the file open, prepared statements and pages, within maxRestingBytes.
//
// Threads: one at a time; interrupt() from any, until the destructor begins.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "file_identity.hpp"
#include "memory_account.hpp"
#include "reading_rules.hpp"
#include "result_row.hpp"
#include "statement_cache.hpp"
#include "statement_watch.hpp"

struct sqlite3;

namespace gatehouse::sql {

struct StatementLimits {
    std::chrono::milliseconds time{30'000};
    int valueBytes = 1 << 20;           // of one text or blob
    std::int64_t memoryBytes = 2 << 20; // of all that SQLite takes for one client, beside what was kept before

    // What fits to answers of at most `bytes`.
    static StatementLimits forAnswers(std::size_t bytes, std::chrono::milliseconds time);
};

class SqliteConnection {
public:
    static constexpr std::int64_t maxRestingBytes = 1 << 20; // of SQLite's, while no client has the connection

    SqliteConnection(std::string file, const StatementLimits& limits);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    // Does nothing when it is open. Throws SqlError when the file cannot be opened.
    void open();

    // Opens the connection when it is not yet, and runs one statement. `columns` is called before the first row, or
    // when there is none; `row` is called for each row until it returns false. Throws SqlError.
    void query(std::string_view sql, const std::vector<std::string>& parameters,
               const std::function<void(const Row&)>& columns, const std::function<bool(const Row&)>& row);

    // Ends the statement that runs, and all that come.
    void interrupt() noexcept;
    // As if never opened.
    void close() noexcept;

    // A client has gone. True: the next one finds the connection as if just opened, and what it takes is counted from
    // here. False: it has to be closed; it is not open, was interrupted, or met a fault that may have left something.
    bool rest() noexcept;
    // The file it reads is the one that its path leads to now.
    bool isCurrent() const;

private:
    static int keepGoing(void* self) noexcept;
    static int waitForLock(void* self, int tries) noexcept;
    bool harden(sqlite3* opened); // false: there is no memory
    bool isIdle() const noexcept;
    void limitMemory(std::int64_t bytes) noexcept { account_.limit(resting_ + bytes); }
    std::string why() const;
    SqlError failed(int result);
    OwnStatement prepare(std::string_view sql);
    OwnStatement statementOf(std::string_view sql);

    const std::string file_;
    const StatementLimits limits_;
    StatementWatch watch_;
    MemoryAccount account_{watch_};
    ReadingRules rules_;
    sqlite3* connection_ = nullptr;
    std::mutex openMutex_; // guards what interrupt() sees of connection_: null, or open
    StatementCache statements_;
    std::optional<FileIdentity> opened_; // the file that is open; nothing: not known
    std::int64_t resting_ = 0;           // bytes that were kept when the client came
    bool isSound_ = true;                // the last statement ended in a way that leaves nothing
};

} // namespace gatehouse::sql
