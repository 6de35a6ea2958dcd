// PostgresDatabase: one connection to a PostgreSQL server, for a store that several nodes share. With
// postgres_connection.cpp and postgres_watch.cpp the one place of core that wraps libpq.
//
// Its tables lie in a schema of their own, `gatehouse`. Writers take turns, by a lock that ends with the transaction,
// so changes become visible in the order of their numbers. A server that does not answer is waited for as long as its
// mode allows: a second, to judge. Then the connection is lost. Threads: one at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tokens/postgres_connection.hpp"
#include "tokens/sql_database.hpp"

namespace gatehouse {

class PostgresDatabase final : public SqlDatabase {
public:
    using Mode = SqlSource::Mode;
    // `url`: as libpq reads it (its manual, section 34.1.1). Throws TokenStoreError, as all that follows.
    PostgresDatabase(const std::string& url, const std::string& name, Mode mode);

    void run(const std::string& statements) override;
    std::unique_ptr<PreparedSql> prepare(const char* sql) override;
    void transaction(const std::function<void()>& work) override;
    std::int64_t tablesVersion() override;
    void setTablesVersion(std::int64_t version) override;
    void tellChange() override;
    const SqlWords& words() const override;
    const std::string& name() const override { return name_; }
    bool isUsable() const override;
    bool isAlive() override;

private:
    class Statement;
    void makeSchema();
    void rollBack();
    PostgresResult answer(std::chrono::milliseconds patience);
    PostgresResult checked(PostgresResult result) const;
    const std::string name_;
    const std::chrono::milliseconds patience_;
    PostgresHandle handle_;
};

inline constexpr const char* postgresChannel = "gatehouse_tokens"; // of NOTIFY, when tokens have changed

// Tables on a PostgreSQL server. Changes of others are noticed by NOTIFY, and looked for four times a second.
class PostgresSource final : public SqlSource {
public:
    // Throws SettingsError, which does not repeat the URL, for one that cannot be read.
    explicit PostgresSource(std::string url);
    std::unique_ptr<SqlDatabase> open(Mode mode) const override;
    std::unique_ptr<Watch> watch(std::function<void()> changed) const override;
    bool exists() const override { return true; }
    std::vector<std::string> warnings() const override { return {}; }
    const std::string& name() const override { return name_; }
    bool isRemote() const override { return true; }

private:
    const std::string url_;
    const std::string name_; // host, port and database, without user and password
};

} // namespace gatehouse
