// SqliteDatabase: one connection to an SQLite file of our own. The one file of core that wraps SQLite.
//
// Durable when a transaction has ended: write-ahead log, synced at each commit. A writer that another one holds up
// waits up to five seconds. Threads: one at a time.
#pragma once

#include <memory>
#include <string>

#include "tokens/sql_database.hpp"

struct sqlite3;

namespace gatehouse {

class SqliteDatabase final : public SqlDatabase {
public:
    using Mode = SqlSource::Mode;
    // What was written last may be lost when the machine, not the process, ends: for what is counted.
    enum class Sync { full, normal };
    // Throws TokenStoreError, as all that follows; TokenStoreMissing when there is no such file to read.
    SqliteDatabase(const std::string& file, Mode mode, Sync sync = Sync::full);

    void run(const std::string& statements) override;
    std::unique_ptr<PreparedSql> prepare(const char* sql) override;
    void transaction(const std::function<void()>& work) override;
    std::int64_t tablesVersion() override;
    void setTablesVersion(std::int64_t version) override;
    void tellChange() override {} // the file tells
    const SqlWords& words() const override;
    const std::string& name() const override { return file_; }
    bool isUsable() const override { return true; }

private:
    class Statement;
    [[noreturn]] void fail(const char* doing) const;
    struct Close {
        void operator()(sqlite3* database) const;
    };
    const std::string file_;
    std::unique_ptr<sqlite3, Close> handle_;
};

// Tables in a file. Changes of others are noticed by its folder's events.
class SqliteSource final : public SqlSource {
public:
    explicit SqliteSource(std::string file, SqliteDatabase::Sync sync = SqliteDatabase::Sync::full)
        : file_(std::move(file)), sync_(sync) {}
    std::unique_ptr<SqlDatabase> open(Mode mode) const override;
    std::unique_ptr<Watch> watch(std::function<void()> changed) const override;
    bool exists() const override;
    std::vector<std::string> warnings() const override;
    const std::string& name() const override { return file_; }
    bool isRemote() const override { return false; }

private:
    const std::string file_;
    const SqliteDatabase::Sync sync_;
};

} // namespace gatehouse
