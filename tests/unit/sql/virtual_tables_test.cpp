#include "backends/sql/sqlite_connection.hpp"

#include <catch2/catch.hpp>

#include <sqlite3.h>
#include <gatehouse/json.hpp>

#include "backends/sql/table_answer.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::sql;

namespace {

constexpr const char* tables = R"(
    CREATE TABLE users (id INTEGER PRIMARY KEY, doc TEXT, twice AS (id * 2));
    INSERT INTO users (id, doc) VALUES (1, '[1,2]');
    CREATE TABLE own_node (x);
    CREATE VIRTUAL TABLE note4 USING fts4(body);
    INSERT INTO note4 VALUES ('hello world');
    CREATE VIRTUAL TABLE note5 USING fts5(body);
    INSERT INTO note5 VALUES ('hello world');
    CREATE VIRTUAL TABLE words USING fts5vocab(note5, row);
    CREATE VIRTUAL TABLE place USING rtree_i32(id, low, high, +name TEXT);
    INSERT INTO place VALUES (7, 0, 10, 'here');
)";

struct Base {
    test::ScratchFolder folder;
    std::string file = folder.file("main.db");
    Base() {
        REQUIRE(keepAccounts(512 << 20));
        sqlite3* writer = nullptr;
        REQUIRE(sqlite3_open(file.c_str(), &writer) == SQLITE_OK);
        REQUIRE(sqlite3_exec(writer, tables, nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(writer);
    }
    std::string bytes() const { return test::readText(file); }
    // The rows as JSON, or the error. Each on a connection of its own: a virtual table is declared at its first use.
    std::string rows(const std::string& sql) const {
        SqliteConnection connection(file, StatementLimits{});
        TableAnswer table({});
        try {
            connection.query(
                sql, {}, [&](const Row& first) { table.columns(first); },
                [&](const Row& row) { return table.row(row); });
        } catch (const SqlError& fault) {
            return fault.what();
        }
        const Json answer = Json::parse(table.result().json());
        return answer["structuredContent"]["rows"].dump();
    }
};

} // namespace

TEST_CASE("D15: virtual tables and table-valued functions are read") {
    const Base base;
    struct Asked {
        const char* sql;
        const char* rows;
    };
    for (const Asked& question : std::initializer_list<Asked>{
             {"SELECT j.value FROM users, json_each(users.doc) j", "[[1],[2]]"},
             {"SELECT fullkey FROM json_tree('{\"a\":[1]}') WHERE atom = 1", R"([["$.a[0]"]])"},
             {"SELECT body FROM note4 WHERE note4 MATCH 'world'", R"([["hello world"]])"},
             {"SELECT snippet(note4, '<', '>') FROM note4 WHERE note4 MATCH 'world'", R"([["hello <world>"]])"},
             {"SELECT highlight(note5, 0, '<', '>') FROM note5('world')", R"([["hello <world>"]])"},
             {"SELECT term FROM words ORDER BY 1", R"([["hello"],["world"]])"},
             {"SELECT id, name FROM place WHERE low < 5", R"([[7,"here"]])"},
             {"SELECT id FROM place WHERE id = 7 UNION SELECT id FROM users ORDER BY 1", "[[1],[7]]"},
             {"SELECT count(*) > 1 FROM dbstat", "[[1]]"},
             {"SELECT pageno > 0 FROM dbstat('main', 1) WHERE name = 'users'", "[[1]]"},
             {"SELECT name FROM pragma_table_xinfo('place') LIMIT 1", R"([["id"]])"},
             {"SELECT count(*) FROM pragma_table_info('note5')", "[[1]]"},
             {"SELECT name FROM pragma_table_info('json_each') LIMIT 1", R"([["key"]])"},
             {"PRAGMA table_info(note4)", R"([[0,"body","",0,null,0]])"},
         }) {
        INFO(question.sql);
        const std::string got = base.rows(question.sql);
        if (got.find("no such module") == std::string::npos) CHECK(got == question.rows);
    }
}

TEST_CASE("D15: nothing is written, attached, loaded or set by way of a virtual table") {
    const Base base;
    const std::string before = base.bytes();
    for (const std::string& sql : std::initializer_list<std::string>{
             "INSERT INTO place VALUES (8, 0, 1, 'x')",
             "INSERT INTO place_node VALUES (9, x'00')",
             "DELETE FROM place_node WHERE nodeno IN (SELECT id FROM place)",
             "UPDATE place_rowid SET nodeno = (SELECT id FROM place)",
             "DELETE FROM place_parent",
             "INSERT INTO own_node SELECT id FROM place",
             "INSERT INTO own_node VALUES (1)",
             "WITH p AS (SELECT id FROM place) INSERT INTO own_node SELECT id FROM p",
             "UPDATE own_node SET x = 1",
             "DELETE FROM own_node",
             "EXPLAIN INSERT INTO own_node VALUES (1)",
             "UPDATE sqlite_master SET sql = ''",
             "UPDATE sqlite_schema SET name = (SELECT id FROM place)",
             "DELETE FROM sqlite_master",
             "INSERT INTO note5(note5) VALUES ('optimize')",
             "INSERT INTO note4(note4) VALUES ('optimize')",
             "SELECT optimize(note4) FROM note4",
             "DELETE FROM note5_data",
             "UPDATE dbstat SET name = 'x'",
             "DELETE FROM json_each",
             "CREATE VIRTUAL TABLE temp.t USING rtree(a, b, c)",
             "CREATE TEMP TABLE t_node AS SELECT * FROM place",
             "DROP TABLE place",
             "ALTER TABLE own_node RENAME TO other_node",
             "ATTACH 'x.db' AS x_node",
             "SELECT load_extension('x') FROM place",
             "SELECT load_extension(value) FROM json_each('[\"x\"]')",
             "SELECT fts3_tokenizer('simple')",
             "PRAGMA page_size = 512",
             "PRAGMA data_version = 1",
             "PRAGMA writable_schema = 1",
             "PRAGMA user_version",
             "SELECT * FROM pragma_user_version",
             "SELECT * FROM pragma_page_size('512')",
             "SELECT * FROM pragma_database_list",
             "SELECT * FROM sqlite_stmt",
             "SELECT 1 FROM sqlite_stmt",
             "SELECT rtreecheck('place')",
         }) {
        INFO(sql);
        const std::string got = base.rows(sql);
        CHECK(got.substr(0, 1) != "["); // an error
        CHECK(base.bytes() == before);
    }
}

TEST_CASE("D15: a statement that writes is refused also behind one that reads, and the other way round") {
    const Base base;
    SqliteConnection connection(base.file, StatementLimits{});
    const auto run = [&](const std::string& sql) {
        connection.query(
            sql, {}, [](const Row&) {}, [](const Row&) { return true; });
    };
    for (int turn = 0; turn < 3; ++turn) {
        CHECK_NOTHROW(run("SELECT * FROM place, json_each('[1]'), note5"));
        for (const char* write :
             {"DELETE FROM place_node", "DELETE FROM own_node", "UPDATE sqlite_master SET sql = ''"})
            CHECK_THROWS_WITH(run(write),
                              Catch::Contains("only reading is allowed") || Catch::Contains("may not be modified"));
    }
}
