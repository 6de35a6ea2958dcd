#include "tokens/postgres_connection.hpp"

#include <cstdlib>
#include <future>

#include <libpq-fe.h>

#include <catch2/catch.hpp>

#include "tokens/token_store.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

// Of tests/support/postgres.py.
std::string url() { return std::getenv("GATEHOUSE_TEST_POSTGRES"); }

void run(const PostgresHandle& connection, const char* sql) {
    const PostgresResult result(PQexec(connection.get(), sql));
    INFO(PQerrorMessage(connection.get()));
    REQUIRE(PQresultStatus(result.get()) == PGRES_COMMAND_OK);
}

// Somebody whom the server gives one connection, and no more.
std::string urlOfOneConnection() {
    const PostgresHandle own = openPostgres(url(), "name", 0s);
    run(own, "DROP ROLE IF EXISTS only_one");
    run(own, "CREATE ROLE only_one LOGIN CONNECTION LIMIT 1 PASSWORD 'secret'");
    std::string out = url();
    const std::size_t begin = out.find("://") + 3, end = out.find('@');
    return out.replace(begin, end - begin, "only_one:secret");
}

} // namespace

TEST_CASE("what is told of a server's error is its first line") {
    CHECK(postgresWords("FATAL: no\nLINE 1: SELECT 'secret'") == "FATAL: no");
    CHECK(postgresWords("FATAL: no") == "FATAL: no");
    CHECK(postgresWords(nullptr).empty());
}

TEST_CASE("a server that is not there is not waited for") {
    CHECK_THROWS_AS(openPostgres("postgresql://127.0.0.1:1/tokens", "name", 1h), TokenStoreUnreachable);
}

TEST_CASE("who may not in is told so at once", "[.postgres]") {
    std::string other = url();
    const std::size_t begin = other.find("://") + 3, end = other.find('@');
    other.replace(begin, end - begin, "nobody_of_that_name");
    CHECK_THROWS_AS(openPostgres(other, "name", 1h), TokenStoreUnreachable);
}

TEST_CASE("a server that has no connection free is asked again by who is patient, and by nobody else", "[.postgres]") {
    const std::string limited = urlOfOneConnection();
    PostgresHandle first = openPostgres(limited, "name", 0s);
    CHECK_THROWS_WITH(openPostgres(limited, "name", 0s), Catch::Contains("too many connections"));
    CHECK_THROWS_WITH(openPostgres(limited, "name", 1ms), Catch::Contains("too many connections"));
    auto second = std::async(std::launch::async, [&] { return openPostgres(limited, "name", 5min); });
    CHECK(second.wait_for(300ms) == std::future_status::timeout); // it cannot come while the first is there
    first.reset();
    CHECK(PQstatus(second.get().get()) == CONNECTION_OK);
}
