#include "tokens/sql_database.hpp"

#include <catch2/catch.hpp>

#include "support/scratch_folder.hpp"
#include "tokens/sqlite_database.hpp"
#include "tokens/token_store.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("a definition of tables is put into the database's own words, everywhere") {
    const ScratchFolder folder;
    SqliteDatabase database(folder.file("t.db"), SqlSource::Mode::create);
    database.define("CREATE TABLE a (n {key}, b {bytes}, c {bytes}); CREATE TABLE f (k TEXT PRIMARY KEY) {flat};");
    SqlStatement tables(database,
                        "SELECT sql FROM sqlite_master WHERE type='table' AND name IN ('a', 'f') ORDER BY name");
    REQUIRE(tables.next());
    CHECK(tables.text(0) == "CREATE TABLE a (n INTEGER PRIMARY KEY AUTOINCREMENT, b BLOB, c BLOB)");
    REQUIRE(tables.next());
    CHECK(tables.text(0) == "CREATE TABLE f (k TEXT PRIMARY KEY) WITHOUT ROWID");
}

TEST_CASE("a statement is looked at when it is first used, not when it is made") {
    const ScratchFolder folder;
    SqliteDatabase database(folder.file("t.db"), SqlSource::Mode::create);
    SqlStatement early(database, "SELECT a FROM later");
    early.reset();
    database.run("CREATE TABLE later (a); INSERT INTO later VALUES (7)");
    REQUIRE(early.next());
    CHECK(early.number(0) == 7);
    SqlStatement never(database, "SELECT a FROM nothing");
    CHECK_THROWS_AS(never.next(), TokenStoreError);
}
