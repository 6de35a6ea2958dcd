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
            sql, {}, [&](const Row& first) { table.columns(first); }, [&](const Row& row) { return table.row(row); });
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
    CHECK(
        answer(connection,
               "SELECT 'a' || char(10) || '\"é' AS \"x\"\"y\", NULL AS z, 1.0 AS f, 1e999 AS i, x'00ff' AS b") ==
        R"j({"content":[{"type":"text","text":"x\"y | z | f | i | b\na \"é | NULL | 1.0 | Infinity | 0x00ff\n(1 row)"}],)j"
        R"("structuredContent":{"columns":["x\"y","z","f","i","b"],"types":["text","null","real","real","blob"],)"
        R"("rows":[["a\n\"é",null,1.0,"Infinity","0x00ff"]],)"
        R"("rowCount":1,"truncated":false}})");
}

TEST_CASE("a carriage return ends no line either") {
    SqliteConnection connection(":memory:", limits());
    const std::string told = answer(connection, "SELECT 'a' || char(13) || 'b' AS x");
    CHECK(told.find("x\\na b\\n(1 row)") != std::string::npos);
    CHECK(told.find(R"("rows":[["a\rb"]])") != std::string::npos);
}

TEST_CASE("D16: a real keeps its digits, and what is no number in JSON is told") {
    SqliteConnection connection(":memory:", limits());
    struct Real {
        const char* sql;
        const char* json;
    };
    for (const Real& real : std::initializer_list<Real>{
             {"0.1 + 0.2", "0.30000000000000004"},
             {"1234567890.1234567", "1234567890.1234567"},
             {"2461372.9641203703", "2461372.9641203703"},
             {"1.0", "1.0"},
             {"100000.0", "100000.0"},
             {"-0.0", "-0.0"},
             {"9007199254740993.0", "9007199254740992.0"},
             {"1e16", "1e+16"},
             {"1.7976931348623157e308", "1.7976931348623157e+308"},
             {"5e-324", "5e-324"},
             {"0.0001", "0.0001"},
             {"0.00001", "1e-05"},
             {"9e999", R"("Infinity")"},
             {"-9e999", R"("-Infinity")"},
             {"9e999 - 9e999", "null"}, // SQLite has no NaN
         }) {
        INFO(real.sql);
        const std::string got = answer(connection, std::string("SELECT CAST(") + real.sql + " AS REAL) AS r");
        CHECK(got.find("\"rows\":[[" + std::string(real.json) + "]]") != std::string::npos);
        CHECK(got.find(std::string(R"("types":[")") + (got.find("[[null]]") == std::string::npos ? "real" : "null")) !=
              std::string::npos);
    }
}

TEST_CASE("D17: integers that JavaScript would round are strings, and the column's type says so") {
    SqliteConnection connection(":memory:", limits());
    const std::string got = answer(connection,
                                   "SELECT 9007199254740991 AS a, 9007199254740992 AS b, -9007199254740991 AS "
                                   "c, -9007199254740992 AS d, 9223372036854775807 AS e, '12' AS f");
    CHECK(got.find(R"("types":["integer","integer","integer","integer","integer","text"])") != std::string::npos);
    CHECK(got.find(R"([[9007199254740991,"9007199254740992",-9007199254740991,"-9007199254740992",)"
                   R"("9223372036854775807","12"]])") != std::string::npos);
    CHECK(got.find("| 9223372036854775807 | 12\\n") != std::string::npos);
}

TEST_CASE("D17: the type of a column is that of its values") {
    SqliteConnection connection(":memory:", limits());
    const std::string got = answer(connection,
                                   "SELECT NULL AS a, 1 AS b, NULL AS c, 'x' AS d, 1 AS e UNION ALL "
                                   "SELECT NULL, NULL, x'00', 'y', 1.5");
    CHECK(got.find(R"("types":["null","integer","blob","text","mixed"])") != std::string::npos);
    CHECK(answer(connection, "SELECT 1 AS a WHERE 0").find(R"("types":["null"],"rows":[])") != std::string::npos);
}

TEST_CASE("G06: as many rows as max_rows says, not one more or less") {
    SqliteConnection connection(":memory:", limits());
    const auto rows = [&](int there) {
        const std::string got =
            answer(connection, numbers + "SELECT 7 FROM n LIMIT " + std::to_string(there), {5, 4096});
        return got.substr(got.find("\"rows\":"));
    };
    CHECK(rows(4) == R"("rows":[[7],[7],[7],[7]],"rowCount":4,"truncated":false}})");
    CHECK(rows(5) == R"("rows":[[7],[7],[7],[7],[7]],"rowCount":5,"truncated":false}})");
    CHECK(rows(6) == R"("rows":[[7],[7],[7],[7],[7]],"rowCount":5,"truncated":true,"truncatedBy":"max_rows"}})");
}

TEST_CASE("statements are kept by their text, in number and in bytes, and prepared again when they must be") {
    REQUIRE(keepAccounts(muchMemory));
    SqliteConnection connection(":memory:", limits());
    for (int turn = 0; turn < 3; ++turn)
        for (const char* sql :
             {"SELECT 1 AS a", "SELECT 1 AS a;", "SELECT 1 AS A", " SELECT 1 AS a ", "SELECT 1 AS a -- x"})
            CHECK(answer(connection, sql).find("[[1]]") != std::string::npos);
    for (const char* sql : {"SELECT 1 AS a; SELECT 2", "SELECT 1 AS a;;DELETE FROM x"})
        CHECK(answer(connection, sql) == "one statement per call");
    CHECK(answer(connection, "SELECT 'a' AS x").find("[[\"a\"]]") != std::string::npos);
    CHECK(answer(connection, "SELECT 'A' AS x").find("[[\"A\"]]") != std::string::npos);
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
