// Hearing of changes: tests/unit/tokens/postgres_database_test.cpp has the rest of PostgreSQL.
#include <atomic>
#include <cstdlib>
#include <thread>

#include <catch2/catch.hpp>

#include "support/loop_thread.hpp"
#include "tokens/postgres_database.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

std::string url() { return std::getenv("GATEHOUSE_TEST_POSTGRES"); }

// Comes true before long.
bool comes(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + longWait;
    while (!condition() && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return condition();
}

} // namespace

TEST_CASE("a change in PostgreSQL is looked for again and again, also when nobody tells of one", "[.postgres]") {
    std::atomic<int> looks = 0;
    const auto watch = PostgresSource(url()).watch([&] { ++looks; });
    CHECK(comes([&] { return looks >= 3; }));
    PostgresDatabase other(url(), "name", SqlSource::Mode::create);
    other.transaction([&] { other.tellChange(); });
    const int before = looks;
    CHECK(comes([&] { return looks > before; }));
    watch->lookNow();
    CHECK(comes([&] { return looks > before + 1; }));
}

TEST_CASE("a server that is not there is looked for all the same, and the watch ends") {
    std::atomic<int> looks = 0;
    const auto watch = PostgresSource("postgresql://127.0.0.1:1/x").watch([&] { ++looks; });
    CHECK(comes([&] { return looks >= 1; }));
}
