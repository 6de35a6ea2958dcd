#include "backends/sql/result_row.hpp"

#include <catch2/catch.hpp>

#include "backends/sql/sqlite_connection.hpp"
#include "backends/sql/table_answer.hpp"

using namespace gatehouse;
using namespace gatehouse::sql;
using namespace std::chrono_literals;

namespace {

// The value as it stands in an answer, as JSON and in the lines for a reader.
struct Shown {
    std::string json;
    std::string line;

    bool operator==(const Shown& other) const { return json == other.json && line == other.line; }
};

Shown shown(SqliteConnection& connection, const std::string& text) {
    TableAnswer table(AnswerLimits{});
    connection.query(
        "SELECT ?1 AS x", {text}, [&](const Row& first) { table.columns(first); },
        [&](const Row& row) { return table.row(row); });
    const Json answer = Json::parse(table.result().json());
    const auto lines = answer.at("content").at(0).at("text").get<std::string>();
    const std::size_t from = lines.find('\n') + 1;
    return {answer.at("structuredContent").at("rows").at(0).at(0).get<std::string>(),
            lines.substr(from, lines.rfind('\n') - from)};
}

std::string letters(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('a' + i % 26);
    return text;
}

} // namespace

TEST_CASE("a character that JSON escapes is escaped wherever it stands in a text") {
    SqliteConnection connection(":memory:", StatementLimits::forAnswers(1 << 20, 30s));
    for (const char odd : {'"', '\\', '\x1F', '\n', '\r', '\t'}) {
        for (const std::size_t size : {1, 2, 15, 16, 17, 31, 32, 33, 40, 48}) {
            for (std::size_t at = 0; at < size; ++at) {
                std::string text = letters(size);
                text[at] = odd;
                std::string line = text;
                if (odd == '\n' || odd == '\r' || odd == '\t') line[at] = ' ';
                INFO(size << " bytes, " << static_cast<int>(odd) << " at " << at);
                CHECK(shown(connection, text) == Shown{text, line});
            }
        }
    }
}

TEST_CASE("a plain text of any length comes whole") {
    SqliteConnection connection(":memory:", StatementLimits::forAnswers(1 << 20, 30s));
    for (std::size_t size = 0; size < 100; ++size)
        CHECK(shown(connection, letters(size)) == Shown{letters(size), letters(size)});
}

TEST_CASE("a byte that is no character is replaced wherever it stands in a text") {
    SqliteConnection connection(":memory:", StatementLimits::forAnswers(1 << 20, 30s));
    for (const std::size_t size : {1, 15, 16, 17, 33}) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text = letters(size);
            text[at] = '\xFF';
            const std::string told = letters(size).replace(at, 1, "\xEF\xBF\xBD");
            CHECK(shown(connection, text) == Shown{told, told});
        }
    }
}
