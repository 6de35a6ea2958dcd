// SqlDatabase: one connection to a database of our own, and its statements. The border behind which the tables of
// tokens are kept: SQLite in a file (sqlite_database.hpp), PostgreSQL for several nodes (postgres_database.hpp).
//
// The SQL of the tables is what both understand; parameters are ?1, ?2. What differs is in SqlWords.
// Durable when a transaction has ended. Errors are TokenStoreError; no space is std::system_error (ENOSPC).
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

// A statement of one kind of database. What SqlStatement says of each holds.
class PreparedSql {
public:
    virtual ~PreparedSql() = default;
    virtual void text(int at, std::string_view value) = 0;
    virtual void blob(int at, std::string_view value) = 0;
    virtual void number(int at, std::int64_t value) = 0;
    virtual bool next() = 0;
    virtual void reset() = 0;
    virtual std::string_view bytes(int column) const = 0;
    virtual std::int64_t number(int column) const = 0;
};

// What a definition of tables says in a kind's own words.
struct SqlWords {
    std::string_view key;   // "{key}": a number that the database gives, growing, as the primary key
    std::string_view bytes; // "{bytes}": the type of bytes
    std::string_view flat;  // "{flat}": behind a table whose rows lie in the order of its key
};

class SqlDatabase {
public:
    virtual ~SqlDatabase() = default;

    // Statements without a result, one after the other.
    virtual void run(const std::string& statements) = 0;
    virtual std::unique_ptr<PreparedSql> prepare(const char* sql) = 0;
    // Runs `work` in one transaction that writes, one at a time in all processes; what it throws comes out, and nothing
    // has changed.
    virtual void transaction(const std::function<void()>& work) = 0;
    // Of the tables of tokens; 0: there are none.
    virtual std::int64_t tablesVersion() = 0;
    virtual void setTablesVersion(std::int64_t version) = 0;
    // Tells other processes that tokens have changed, when the transaction has ended.
    virtual void tellChange() = 0;
    virtual const SqlWords& words() const = 0;
    virtual const std::string& name() const = 0; // for people; no secret
    // False: its connection is gone, and another one has to be opened.
    virtual bool isUsable() const = 0;
    // The same, asked of the database: for a connection that has rested. May block.
    virtual bool isAlive() { return isUsable(); }

    void define(std::string_view tables); // with `words` in place of {key}, {bytes} and {flat}
};

// A statement that is compiled at its first use and run often: bind, then next() until it says false, then reset().
class SqlStatement {
public:
    SqlStatement(SqlDatabase& database, const char* sql) : database_(database), sql_(sql) {}

    // Texts and blobs live until reset(). What is not bound is null. From 1.
    SqlStatement& text(int at, std::string_view value);
    SqlStatement& blob(int at, std::string_view value);
    SqlStatement& number(int at, std::int64_t value);
    bool next(); // a row is there
    void run();  // to its end, and reset
    void reset();

    // Of the row; from 0; of a null, empty and 0. Views live until the next call.
    std::string_view text(int column) const { return prepared_->bytes(column); }
    std::string_view blob(int column) const { return prepared_->bytes(column); }
    std::int64_t number(int column) const { return prepared_->number(column); }

private:
    PreparedSql& prepared();
    SqlDatabase& database_;
    const char* const sql_; // a constant
    std::unique_ptr<PreparedSql> prepared_;
};

// Where a store's tables are.
class SqlSource {
public:
    // `judge`: to read, while a caller waits: it gives up early.
    enum class Mode { judge, read, write, create };
    // Calls `changed` on a thread of its own, when something may have changed, until it is destroyed.
    class Watch {
    public:
        virtual ~Watch() = default;
        virtual void lookNow() = 0; // as if something had changed
    };

    virtual ~SqlSource() = default;
    // Throws TokenStoreMissing where there is none to read.
    virtual std::unique_ptr<SqlDatabase> open(Mode mode) const = 0;
    virtual std::unique_ptr<Watch> watch(std::function<void()> changed) const = 0;
    virtual bool exists() const = 0;                       // false: nobody has made it yet
    virtual std::vector<std::string> warnings() const = 0; // what people should know of it; asks nobody
    virtual const std::string& name() const = 0;           // for people; no secret
    // A question may take long: it is on another machine, and this one has to hear of changes to be sure.
    virtual bool isRemote() const = 0;
};

} // namespace gatehouse
