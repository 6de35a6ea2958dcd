#include "backends/sql/bounded_functions.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <random>

#include <sqlite3.h>

#include "backends/sql/memory_account.hpp"

using namespace gatehouse::sql;

namespace {

constexpr std::int64_t muchMemory = 512 << 20;

// An SQLite of its own, plain or with the bounded functions.
class Database {
public:
    explicit Database(StatementWatch* watch) {
        keepAccounts(muchMemory);
        REQUIRE(sqlite3_open(":memory:", &handle_) == SQLITE_OK);
        if (watch) REQUIRE(addBoundedFunctions(handle_, *watch));
    }
    ~Database() { sqlite3_close(handle_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // The type and the bytes of the one value, or the error.
    std::string value(const std::string& sql, const std::vector<std::string>& values = {}) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
            return sqlite3_errmsg(handle_);
        for (std::size_t i = 0; i < values.size(); ++i) bind(statement, static_cast<int>(i + 1), values[i]);
        std::string out;
        if (sqlite3_step(statement) == SQLITE_ROW) {
            out = std::to_string(sqlite3_column_type(statement, 0)) + ":";
            if (const void* bytes = sqlite3_column_blob(statement, 0))
                out.append(static_cast<const char*>(bytes),
                           static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
        } else out = sqlite3_errmsg(handle_);
        sqlite3_finalize(statement);
        return out;
    }

private:
    // The first character says what it is: t text, b blob, n NULL, i integer, f number.
    static void bind(sqlite3_stmt* statement, int at, const std::string& value) {
        const int size = static_cast<int>(value.size()) - 1;
        switch (value.front()) {
            case 't': sqlite3_bind_text(statement, at, value.c_str() + 1, size, SQLITE_TRANSIENT); return;
            case 'b': sqlite3_bind_blob(statement, at, value.c_str() + 1, size, SQLITE_TRANSIENT); return;
            case 'i': sqlite3_bind_int64(statement, at, std::stoll(value.substr(1))); return;
            case 'f': sqlite3_bind_double(statement, at, std::stod(value.substr(1))); return;
            default: sqlite3_bind_null(statement, at);
        }
    }

    sqlite3* handle_ = nullptr;
};

std::string randomValue(std::mt19937& chance) {
    static const std::vector<std::string> pieces{"",
                                                 "a",
                                                 "A",
                                                 "b",
                                                 "ab",
                                                 "%",
                                                 "_",
                                                 "*",
                                                 "?",
                                                 "[",
                                                 "]",
                                                 "^",
                                                 "-",
                                                 "!",
                                                 "é",
                                                 "É",
                                                 "€",
                                                 "😀",
                                                 " ",
                                                 "[a-c]",
                                                 "[^b]",
                                                 "[]x]",
                                                 "\xC3",
                                                 "\xA9",
                                                 "1",
                                                 "\x80",
                                                 "x",
                                                 "é",
                                                 "%a",
                                                 "!%",
                                                 "!_a",
                                                 "\xFF",
                                                 "a%b",
                                                 "*a",
                                                 "**",
                                                 "\xE2\x82",
                                                 "\xED\xA0\x80",
                                                 "\n"};
    static const std::vector<std::string> others{"n", "i0", "i-121", "i55", "f1.5", "f1e300", "b", "t"};
    const auto pick = [&](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(chance);
    };
    if (pick(12) == 0) return others[pick(others.size())];
    std::string out = pick(6) == 0 ? "b" : "t";
    for (std::size_t left = pick(7); left > 0; --left) out += pieces[pick(pieces.size())];
    if (pick(30) == 0) out += std::string(1, '\0') + "a";
    return out;
}

std::string zeros(std::size_t count) { return "t" + std::string(count, '0'); }

} // namespace

TEST_CASE("the bounded functions say what SQLite's own say") {
    StatementWatch watch;
    Database plain(nullptr), bounded(&watch);
    std::mt19937 chance(20);
    for (const char* sql :
         {"SELECT instr(?1, ?2)", "SELECT replace(?1, ?2, ?3)", "SELECT trim(?1, ?2)", "SELECT ltrim(?1, ?2)",
          "SELECT rtrim(?1, ?2)", "SELECT trim(?1)", "SELECT ltrim(?1)", "SELECT rtrim(?1)", "SELECT ?1 LIKE ?2",
          "SELECT ?1 GLOB ?2", "SELECT ?1 LIKE ?2 ESCAPE '!'", "SELECT ?1 LIKE ?2 ESCAPE '%'",
          "SELECT ?1 LIKE ?2 ESCAPE '_'", "SELECT ?1 LIKE ?2 ESCAPE ?3"})
        for (int turn = 0; turn < 3000; ++turn) {
            const std::vector<std::string> values{randomValue(chance), randomValue(chance), randomValue(chance)};
            INFO(sql << " with " << values[0] << " and " << values[1] << " and " << values[2]);
            REQUIRE(bounded.value(sql, values) == plain.value(sql, values));
        }
}

TEST_CASE("what is found across windows of the search is found") {
    StatementWatch watch;
    Database plain(nullptr), bounded(&watch);
    const std::string needle = "t" + std::string(700'000, 'n') + "e";
    for (const std::size_t before : {0, 1, 1'048'575, 1'048'576, 1'400'001, 2'900'000}) {
        const std::string haystack = zeros(before) + needle.substr(1) + "tail";
        CHECK(bounded.value("SELECT instr(?1, ?2)", {haystack, needle}) ==
              plain.value("SELECT instr(?1, ?2)", {haystack, needle}));
        CHECK(bounded.value("SELECT replace(?1, ?2, 'x')", {haystack, needle}) ==
              plain.value("SELECT replace(?1, ?2, 'x')", {haystack, needle}));
    }
}

TEST_CASE("every bounded function ends when it is told to") {
    StatementWatch watch;
    Database bounded(&watch);
    watch.interrupt();
    const std::string haystack = zeros(3'000'000), needle = zeros(1'000'000) + "1";
    for (const char* sql : {"SELECT instr(?1, ?2)", "SELECT replace(?1, ?2, '')", "SELECT ?1 LIKE '%0%0%01'",
                            "SELECT ?1 GLOB '*[0-8][0-8]1'", "SELECT trim(?1, '0')", "SELECT trim(?1, 'é0')"})
        CHECK(bounded.value(sql, {haystack, needle}) == "interrupted");
}

TEST_CASE("a deadline ends them as well, and a new one lets them go on") {
    StatementWatch watch;
    Database bounded(&watch);
    watch.begin(StatementWatch::Clock::now());
    CHECK(bounded.value("SELECT trim(?1, '0')", {zeros(3'000'000)}) == "interrupted");
    watch.begin(StatementWatch::Clock::now() + std::chrono::minutes(1));
    CHECK(bounded.value("SELECT trim(?1, '0')", {zeros(3'000'000)}) == "3:");
}

TEST_CASE("replace makes nothing longer than a value may be") {
    StatementWatch watch;
    Database bounded(&watch);
    CHECK(bounded.value("SELECT replace(?1, '0', ?1)", {zeros(100'000)}) == "string or blob too big");
}

TEST_CASE("json_patch is SQLite's own as long as that is quick") {
    StatementWatch watch;
    Database plain(nullptr), bounded(&watch);
    for (const char* sql :
         {"SELECT json_patch('{\"a\":1,\"b\":2.50}', '{\"a\":null,\"c\":[1,2]}')", "SELECT json_patch('{', '{}')",
          "SELECT json_patch(NULL, '{}')", "SELECT json_array(json_patch('{}', '{\"a\":1}'))"})
        CHECK(bounded.value(sql) == plain.value(sql));
    std::string many = "t{\"a\":0";
    for (int i = 0; i < 20'000; ++i) many += ",\"" + std::to_string(i) + "\":0";
    CHECK(bounded.value("SELECT json_patch(?1, ?1)", {many + "}"}) == "json_patch: the objects have too many members");
    CHECK(bounded.value("SELECT json_patch(?1, '{\"a\":null}')", {many + "}"}).size() == many.size() - 4);
}
