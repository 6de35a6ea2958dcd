#include "backends/sql/connection_pool.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>

#include <sqlite3.h>

#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::sql;
using namespace std::chrono_literals;

namespace {

using Loan = ConnectionPool::Loan;

const std::string endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";

struct Site {
    const bool keeps = keepAccounts(512 << 20); // before SQLite is used
    test::ScratchFolder folder;
    const std::string file = made("main.db", "first");
    std::atomic<std::int64_t> hours{0};

    Site() { REQUIRE(keeps); }

    std::string made(const std::string& name, const std::string& content) const {
        run(folder.file(name), "CREATE TABLE t (x); INSERT INTO t VALUES ('" + content + "')");
        return folder.file(name);
    }
    static void run(const std::string& path, const std::string& sql) {
        sqlite3* writer = nullptr;
        REQUIRE(sqlite3_open(path.c_str(), &writer) == SQLITE_OK);
        REQUIRE(sqlite3_exec(writer, ("PRAGMA synchronous = OFF; " + sql).c_str(), nullptr, nullptr, nullptr) ==
                SQLITE_OK);
        sqlite3_close(writer);
    }
    // A pool whose clock stands still until `hours` is changed.
    ConnectionPool pool(std::size_t kept = 8, std::size_t keptOfOne = 2) {
        return ConnectionPool({kept, keptOfOne, 1h}, StatementLimits{},
                              [this] { return ConnectionPool::Clock::time_point(std::chrono::hours(hours.load())); });
    }
};

// The values of the first column, or the error.
std::string ask(const Loan& loan, const std::string& sql = "SELECT x FROM t") {
    std::string out;
    try {
        loan->query(
            sql, {}, [](const Row&) {},
            [&](const Row& row) {
                RowText text;
                row.append(text, 0, row.type(0), 1000);
                out += out.empty() ? "" : ",";
                text.line.moveTo(out);
                return true;
            });
    } catch (const SqlError& fault) {
        return fault.what();
    }
    return out;
}

// Lends, asks and gives back; which connection it was.
const SqliteConnection* used(ConnectionPool& pool, const std::string& key, const std::string& file) {
    const Loan loan = pool.lend(key, file);
    CHECK(ask(loan) != "");
    return &*loan;
}

} // namespace

TEST_CASE("a connection is lent again to its own identity and database only") {
    Site site;
    const std::string other = site.made("other.db", "other");
    ConnectionPool pool = site.pool();
    const auto* first = used(pool, "ada", site.file);
    CHECK(pool.resting() == 1);
    {
        const Loan bob = pool.lend("bob", site.file);
        CHECK(&*bob != first);
        const Loan elsewhere = pool.lend("ada", other);
        CHECK(&*elsewhere != first);
        CHECK(ask(elsewhere) == "other");
        const Loan again = pool.lend("ada", site.file);
        CHECK(&*again == first);
        const Loan second = pool.lend("ada", site.file); // the first is lent
        CHECK(&*second != first);
    }
    CHECK(used(pool, "ada", site.file) != nullptr);
}

TEST_CASE("what was never opened is not kept") {
    Site site;
    ConnectionPool pool = site.pool();
    { const Loan loan = pool.lend("ada", site.file); }
    CHECK(pool.resting() == 0);
    CHECK(ask(pool.lend("ada", site.folder.file("none.db"))).find("cannot be opened") != std::string::npos);
    CHECK(ask(pool.lend("ada", ":memory:"), "SELECT 1") == "1");
    CHECK(pool.resting() == 0);
}

TEST_CASE("the longest unused goes first, within the identity and in all") {
    Site site;
    ConnectionPool pool = site.pool(3, 2);
    {
        std::vector<Loan> loans;
        for (int i = 0; i < 4; ++i) {
            loans.push_back(pool.lend("ada", site.file));
            CHECK(ask(loans.back()) == "first");
        }
    }
    CHECK(pool.resting() == 2);
    used(pool, "bob", site.file);
    const auto* carol = used(pool, "carol", site.file);
    CHECK(pool.resting() == 3);
    CHECK(used(pool, "carol", site.file) == carol);
    ConnectionPool none = site.pool(0);
    used(none, "ada", site.file);
    CHECK(none.resting() == 0);
    ConnectionPool noShare = site.pool(3, 0);
    used(noShare, "ada", site.file);
    CHECK(noShare.resting() == 0);
}

TEST_CASE("whoever has more than a share loses an own connection, not that of another") {
    Site site;
    ConnectionPool pool = site.pool(8, 2);
    used(pool, "bob", site.file);
    {
        const Loan one = pool.lend("ada", site.file), two = pool.lend("ada", site.file),
                   three = pool.lend("ada", site.file);
        for (const Loan* loan : {&one, &two, &three}) CHECK(ask(*loan) == "first");
    }
    CHECK(pool.resting() == 3);
    const Loan bobs = pool.lend("bob", site.file);
    CHECK(pool.resting() == 2); // his was at rest; a new one may have the same address
}

TEST_CASE("what rests for too long is closed") {
    Site site;
    ConnectionPool pool = site.pool();
    used(pool, "ada", site.file);
    site.hours = 0;
    pool.closeExpired();
    CHECK(pool.resting() == 1);
    site.hours = 1;
    pool.closeExpired();
    CHECK(pool.resting() == 0);
}

TEST_CASE("the pool closes by itself what rests for too long") {
    Site site;
    ConnectionPool pool({8, 2, 1ms}, StatementLimits{});
    used(pool, "ada", site.file);
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (pool.resting() > 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    CHECK(pool.resting() == 0);
}

TEST_CASE("an identity that has gone keeps nothing, and what it runs ends") {
    Site site;
    ConnectionPool pool = site.pool();
    used(pool, "ada", site.file);
    const auto* bob = used(pool, "bob", site.file);
    std::optional<Loan> running(pool.lend("ada", site.file));
    auto answer = std::async(std::launch::async, [&] { return ask(*running, endless); });
    {
        const Loan second = pool.lend("ada", site.file), third = pool.lend("ada", site.file);
        ask(second), ask(third);
    }
    pool.identityGone("ada");
    CHECK(answer.get() == "the statement was cancelled");
    CHECK(pool.resting() == 1); // bob's
    running.reset();
    CHECK(pool.resting() == 1);
    CHECK(used(pool, "bob", site.file) == bob);
    CHECK(ask(pool.lend("ada", site.file)) == "first");
    pool.identityGone("nobody");
}

TEST_CASE("an identity that goes while its connection is lent and idle gets it closed on return") {
    Site site;
    ConnectionPool pool = site.pool();
    {
        const Loan loan = pool.lend("ada", site.file);
        CHECK(ask(loan) == "first");
        pool.identityGone("ada");
    }
    CHECK(pool.resting() == 0);
}

TEST_CASE("G05: a cancelled statement ends, and its connection is not lent again") {
    Site site;
    ConnectionPool pool = site.pool();
    used(pool, "ada", site.file);
    {
        const Loan loan = pool.lend("ada", site.file);
        auto answer = std::async(std::launch::async, [&] { return ask(loan, endless); });
        loan->interrupt();
        CHECK(answer.get() == "the statement was cancelled");
    }
    CHECK(pool.resting() == 0);
    CHECK(ask(pool.lend("ada", site.file)) == "first");
    CHECK(pool.resting() == 1);
}

TEST_CASE("G05: a connection that was interrupted between its statements is not lent again") {
    Site site;
    ConnectionPool pool = site.pool();
    {
        const Loan loan = pool.lend("ada", site.file);
        CHECK(ask(loan) == "first");
        loan->interrupt();
    }
    CHECK(pool.resting() == 0);
}

TEST_CASE("a file that took the place of another is read") {
    Site site;
    ConnectionPool pool = site.pool();
    used(pool, "ada", site.file);
    const std::string fresh = site.made("fresh.db", "second");
    REQUIRE(std::rename(fresh.c_str(), site.file.c_str()) == 0);
    CHECK(ask(pool.lend("ada", site.file)) == "second");
    REQUIRE(std::remove(site.file.c_str()) == 0);
    CHECK(ask(pool.lend("ada", site.file)).find("cannot be opened") != std::string::npos);
}

TEST_CASE("a link that leads elsewhere by now is followed") {
    Site site;
    ConnectionPool pool = site.pool();
    const std::string link = site.folder.file("current.db"), other = site.made("other.db", "other");
    std::filesystem::create_symlink(site.file, link);
    CHECK(ask(pool.lend("ada", link)) == "first");
    std::filesystem::remove(link);
    std::filesystem::create_symlink(other, link);
    CHECK(ask(pool.lend("ada", link)) == "other");
}

TEST_CASE("what others commit is seen, in either journal mode, and a changed schema too") {
    Site site;
    ConnectionPool pool = site.pool();
    for (const char* mode : {"DELETE", "WAL"}) {
        Site::run(site.file,
                  std::string("PRAGMA journal_mode = ") + mode + "; DROP TABLE IF EXISTS t; CREATE TABLE t (x)");
        std::string wanted;
        for (const char* value : {"a", "b", "c"}) {
            Site::run(site.file, std::string("INSERT INTO t VALUES ('") + value + "')");
            wanted += (wanted.empty() ? "" : ",") + std::string(value);
            CHECK(ask(pool.lend("ada", site.file)) == wanted);
            pool.identityGone("bob");
        }
        CHECK(pool.resting() == 1);
        Site::run(site.file, "ALTER TABLE t RENAME TO u; CREATE TABLE t (y, x); INSERT INTO t VALUES (1, 'new')");
        CHECK(ask(pool.lend("ada", site.file)) == "new");
        CHECK(ask(pool.lend("ada", site.file), "SELECT * FROM t") == "1");
        Site::run(site.file, "ALTER TABLE t ADD z; DROP TABLE u");
        CHECK(ask(pool.lend("ada", site.file), "SELECT * FROM t") == "1");
        pool.identityGone("ada"); // the journal mode is changed by one that is alone
    }
}

TEST_CASE("what a client left on its connection is gone for the next") {
    Site site;
    ConnectionPool pool = site.pool();
    const auto* first = used(pool, "ada", site.file);
    {
        const Loan loan = pool.lend("ada", site.file);
        loan->query(
            "SELECT 1 UNION ALL SELECT x FROM t", {}, [](const Row&) {},
            [](const Row&) { return false; }); // left in the middle
        for (const char* refused : {"DELETE FROM t", "BEGIN", "SAVEPOINT s", "CREATE TEMP TABLE t (x)", "SELECT",
                                    "PRAGMA query_only = 0", "PRAGMA cache_size = 0", "SELECT nope FROM t"})
            ask(loan, refused);
    }
    const Loan again = pool.lend("ada", site.file);
    CHECK(&*again == first);
    CHECK(ask(again) == "first");
    Site::run(site.file, "PRAGMA journal_mode = DELETE; VACUUM"); // nobody reads
}

TEST_CASE("a connection that met a fault of SQLite is closed") {
    Site site;
    ConnectionPool pool = site.pool();
    used(pool, "ada", site.file);
    { // no memory
        const Loan loan = pool.lend("ada", site.file);
        CHECK(ask(loan, "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n ORDER BY -x")
                  .find("memory") != std::string::npos);
    }
    CHECK(pool.resting() == 0);
    std::ofstream(site.file, std::ios::binary | std::ios::in) << std::string(100, 'x'); // no database
    { CHECK(ask(pool.lend("ada", site.file)).find("not a database") != std::string::npos); }
    CHECK(pool.resting() == 0);
}

TEST_CASE("what rests is bounded, and a client has all its memory beside it") {
    Site site;
    ConnectionPool pool = site.pool();
    for (int turn = 0; turn < 40; ++turn) {
        const Loan loan = pool.lend("ada", site.file);
        CHECK(ask(loan, "SELECT " + std::to_string(turn) + " + length('" + std::string(20'000, 'x') + "')") ==
              std::to_string(turn + 20'000));
        CHECK(ask(loan, "SELECT length(hex(zeroblob(300000)))") == "600000");
    }
    CHECK(pool.resting() == 1);
}
