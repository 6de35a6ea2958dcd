#include "backends/sql/table_name.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::sql;

namespace {

// "name" or "schema/name" of each, in turn.
std::string read(std::string_view text) {
    std::string out;
    for (const TableName& table : tableNames(text))
        out += (out.empty() ? "" : ", ") + (table.schema.empty() ? "" : table.schema + "/") + table.name;
    return out;
}

} // namespace

TEST_CASE("D18: a table is named as it is, or as in SQL") {
    CHECK(read("users") == "users");
    CHECK(read("Main.users") == "Main.users, Main/users");
    CHECK(read("\"us\"\"ers\"") == "\"us\"\"ers\", us\"ers");
    CHECK(read("[a b]") == "[a b], a b");
    CHECK(read("`a``b`") == "`a``b`, a`b");
    CHECK(read("\"m\".[t.u]") == "\"m\".[t.u], m/t.u");
    CHECK(read("main . users") == "main . users, main/users");
}

TEST_CASE("D18: what is no name in SQL is a bare name") {
    for (const char* text : {"odd \"name", "\"open", "a.b.c.", "main.", ".users", "\"a\" b", "users\n", " users",
                             "\"\"", "x; DROP TABLE y"})
        CHECK(read(text) == text);
    CHECK(read("") == "");
    CHECK(read(std::string_view("a\0b", 3)) == "");
}
