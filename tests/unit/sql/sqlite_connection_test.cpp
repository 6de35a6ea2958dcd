#include "backends/sql/sqlite_connection.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <thread>

#include "backends/sql/table_answer.hpp"

using namespace gatehouse;
using namespace gatehouse::sql;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t muchMemory = 512 << 20;
const std::string numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) ";

StatementLimits limits(std::chrono::milliseconds time = 30s, std::size_t bytes = 1 << 20) {
    REQUIRE(keepAccounts(muchMemory));
    return StatementLimits::forAnswers(bytes, time);
}

// The answer as JSON text, or the error.
std::string answer(SqliteConnection& connection, const std::string& sql, AnswerLimits most = {}) {
    TableAnswer table(most);
    try {
        connection.query(
            sql, {}, [&](const auto& names) { table.columns(names); }, [&](const Row& row) { return table.row(row); });
    } catch (const SqlError& fault) {
        return fault.what();
    }
    return table.result().json();
}

double seconds(std::chrono::steady_clock::duration time) { return std::chrono::duration<double>(time).count(); }

} // namespace

TEST_CASE("an interrupt ends what runs and what comes") {
    SqliteConnection connection(":memory:", limits());
    auto running =
        std::async(std::launch::async, [&] { return answer(connection, numbers + "SELECT count(*) FROM n"); });
    std::this_thread::sleep_for(50ms);
    connection.interrupt();
    const auto began = std::chrono::steady_clock::now();
    CHECK(running.get() == "the statement was cancelled");
    CHECK(seconds(std::chrono::steady_clock::now() - began) < 1.0);
    CHECK(answer(connection, "SELECT 1") == "the statement was cancelled");
}

TEST_CASE("interrupts race with opening, statements and closing") {
    for (int turn = 0; turn < 50; ++turn) {
        SqliteConnection connection(":memory:", limits());
        std::thread other([&] {
            for (int i = 0; i < 20; ++i) connection.interrupt();
        });
        answer(connection, "SELECT hex(zeroblob(1000))");
        connection.close();
        other.join();
    }
}

TEST_CASE("the statement's time is told when it is over") {
    SqliteConnection connection(":memory:", limits(50ms));
    CHECK(answer(connection, numbers + "SELECT count(*) FROM n") ==
          "the statement took longer than 50 ms and was ended");
    CHECK(answer(connection, "SELECT 1").find(R"("rows":[[1]])") != std::string::npos);
}

TEST_CASE("memory is bounded, and the next statement has all of it again") {
    SqliteConnection connection(":memory:", limits());
    for (int turn = 0; turn < 3; ++turn) {
        CHECK(answer(connection, numbers + "SELECT x FROM n ORDER BY -x").find("more memory than 2097152 bytes") !=
              std::string::npos);
        CHECK(answer(connection, "SELECT length(hex(zeroblob(300000)))").find("[[600000]]") != std::string::npos);
    }
}

TEST_CASE("a statement of any size is refused or run, and quickly") {
    const auto began = std::chrono::steady_clock::now();
    SqliteConnection connection(":memory:", limits(30s, 64 << 20));
    std::string sums = "SELECT max(1)", views = "WITH v0 AS (SELECT 1)";
    for (int i = 0; i < 190; ++i) sums += "+(max(" + std::to_string(i) + ")" + std::string(5000, ' ') + ")";
    for (int i = 0; i < 30; ++i) {
        const std::string before = "v" + std::to_string(i);
        views += ", v" + std::to_string(i + 1) + " AS (SELECT 1 FROM " + before + " a, " + before + " b)";
    }
    answer(connection, sums);
    CHECK(answer(connection, views + " SELECT * FROM v30").find("memory") != std::string::npos);
    CHECK(seconds(std::chrono::steady_clock::now() - began) < 2.0);
}

TEST_CASE("a row is cut before what does not fit is read") {
    SqliteConnection connection(":memory:", limits());
    const std::string cut = answer(connection, "SELECT 1, zeroblob(900000)", {1000, 4096});
    CHECK(cut.find(R"("rows":[],"rowCount":0,"truncated":true,"truncatedBy":"max_bytes")") != std::string::npos);
}

TEST_CASE("cells are one line of text each, and any JSON") {
    SqliteConnection connection(":memory:", limits());
    CHECK(answer(connection,
                 "SELECT 'a' || char(10) || '\"é' AS \"x\"\"y\", NULL AS z, 1.0 AS f, 1e999 AS i, x'00ff' AS b") ==
          R"j({"content":[{"type":"text","text":"x\"y | z | f | i | b\na \"é | NULL | 1.0 | Inf | 0x00ff\n(1 row)"}],)j"
          R"("structuredContent":{"columns":["x\"y","z","f","i","b"],"rows":[["a\n\"é",null,1.0,null,"0x00ff"]],)"
          R"("rowCount":1,"truncated":false}})");
}

TEST_CASE("long texts are escaped in pieces that cut no character") {
    std::string text, whole;
    for (int i = 0; i < 5000; ++i) text += i % 3 == 0 ? "€" : i % 3 == 1 ? "\x01" : "a";
    CHECK(appendEscaped(whole, text, CellForm::json, 1 << 20));
    CHECK(whole.find("\xEF\xBF\xBD") == std::string::npos);
    whole.clear();
    CHECK_FALSE(appendEscaped(whole, std::string(1 << 20, '\x01'), CellForm::json, 10'000));
    CHECK(whole.size() < 40'000);
}
