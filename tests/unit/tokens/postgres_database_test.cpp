#include "tokens/postgres_database.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>

#include <gatehouse/settings.hpp>

#include "tokens/token_store.hpp"

using namespace gatehouse;

namespace {

// Of tests/support/postgres.py.
std::string url() { return std::getenv("GATEHOUSE_TEST_POSTGRES"); }

struct Site {
    Site() {
        database.run("DROP SCHEMA IF EXISTS gatehouse CASCADE");
        database.run("CREATE SCHEMA gatehouse");
        database.run("CREATE TABLE t (a TEXT, b BYTEA, c BIGINT)");
    }
    std::int64_t count() {
        SqlStatement count(database, "SELECT count(*) FROM t");
        count.next();
        return count.number(0);
    }
    PostgresDatabase database{url(), "name", SqlSource::Mode::create};
};

} // namespace

TEST_CASE("the name of a server has no user and no password, and neither has what is said of a URL that is none") {
    CHECK(PostgresSource("postgresql://me:hunter2@db.example:5433/tokens?sslmode=require").name() ==
          "postgresql://db.example:5433/tokens");
    CHECK(PostgresSource("postgres://me@/tokens").name() == "postgresql://localhost:5432/tokens");
    CHECK_THROWS_WITH(PostgresSource("postgresql://me:hunter2@db/x?nonsense=1"), !Catch::Contains("hunter2"));
}

TEST_CASE("a server that is not there is told without the password") {
    const PostgresSource source("postgresql://me:hunter2@127.0.0.1:1/tokens");
    CHECK_THROWS_WITH(source.open(SqlSource::Mode::read),
                      Catch::StartsWith("postgresql://127.0.0.1:1/tokens: ") && !Catch::Contains("hunter2"));
}

TEST_CASE("texts, bytes and numbers come back from PostgreSQL as they were given", "[.postgres]") {
    Site site;
    SqlStatement put(site.database, "INSERT INTO t VALUES (?1, ?2, ?3)");
    const std::string blob("\0\xff\\x", 4);
    put.text(1, "it's \"quoted\"").blob(2, blob).number(3, -7).run();
    put.text(1, "").number(3, 8).run();
    SqlStatement get(site.database, "SELECT a, b, c FROM t ORDER BY c");
    REQUIRE(get.next());
    CHECK(get.text(0) == "it's \"quoted\"");
    CHECK(get.blob(1) == blob);
    CHECK(get.number(2) == -7);
    REQUIRE(get.next());
    CHECK(get.text(0).empty());
    CHECK(get.blob(1).empty());
    CHECK_FALSE(get.next());
}

TEST_CASE("what a transaction throws leaves nothing behind in PostgreSQL", "[.postgres]") {
    Site site;
    CHECK_THROWS_AS(site.database.transaction([&] {
        site.database.run("INSERT INTO t VALUES ('a')");
        throw std::runtime_error("no");
    }),
                    std::runtime_error);
    CHECK(site.count() == 0);
    CHECK_THROWS_AS(site.database.transaction([&] { site.database.run("NONSENSE"); }), TokenStoreError);
    CHECK(site.database.isUsable());
    site.database.transaction([&] { site.database.run("INSERT INTO t VALUES ('a')"); });
    CHECK(site.count() == 1);
}

TEST_CASE("tables that are not there are no fault of the server", "[.postgres]") {
    Site site;
    CHECK(site.database.tablesVersion() == 0);
    SqlStatement get(site.database, "SELECT * FROM nothing_of_that_name");
    CHECK_THROWS_AS(get.next(), TokenStoreMissing);
    site.database.setTablesVersion(7);
    CHECK(site.database.tablesVersion() == 7);
}

TEST_CASE("a connection that the server ends is known to be lost", "[.postgres]") {
    Site site;
    PostgresDatabase other(url(), "name", SqlSource::Mode::read);
    other.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='gatehouse' AND "
        "pid<>pg_backend_pid()");
    CHECK_THROWS_AS(site.database.run("SELECT 1"), TokenStoreError);
    CHECK_FALSE(site.database.isUsable());
    CHECK(other.isUsable());
}
