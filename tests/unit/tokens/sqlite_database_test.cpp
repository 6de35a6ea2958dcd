#include "tokens/sqlite_database.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "support/scratch_folder.hpp"
#include "tokens/token_store.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

std::int64_t countIn(SqliteDatabase& database) {
    SqlStatement count(database, "SELECT count(*) FROM t");
    count.next();
    return count.number(0);
}

} // namespace

TEST_CASE("a file that is made is its owner's only, with what lies beside it") {
    const ScratchFolder folder;
    SqliteDatabase database(folder.file("in/a/new/folder.db"), SqliteDatabase::Mode::create);
    database.run("CREATE TABLE t (a)");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() / "in"))
        if (entry.is_regular_file()) CHECK(modeOf(entry.path().string()) == 0600);
}

TEST_CASE("a file that is not there is not made by looking at it") {
    const ScratchFolder folder;
    CHECK_THROWS_AS(SqliteDatabase(folder.file("none.db"), SqliteDatabase::Mode::read), TokenStoreMissing);
    CHECK_FALSE(std::filesystem::exists(folder.file("none.db")));
}

TEST_CASE("what a transaction throws leaves nothing behind") {
    const ScratchFolder folder;
    SqliteDatabase database(folder.file("t.db"), SqliteDatabase::Mode::create);
    database.run("CREATE TABLE t (a)");
    CHECK_THROWS_AS(database.transaction([&] {
        database.run("INSERT INTO t VALUES (1)");
        throw std::runtime_error("no");
    }),
                    std::runtime_error);
    CHECK(countIn(database) == 0);
    database.transaction([&] { database.run("INSERT INTO t VALUES (1)"); });
    CHECK(countIn(database) == 1);
}

TEST_CASE("a statement is used again, with texts, blobs and numbers as they were given") {
    const ScratchFolder folder;
    SqliteDatabase database(folder.file("t.db"), SqliteDatabase::Mode::create);
    database.run("CREATE TABLE t (a TEXT, b BLOB, c INTEGER)");
    SqlStatement put(database, "INSERT INTO t VALUES (?1, ?2, ?3)");
    const std::string blob("\0\xff", 2);
    put.text(1, "it's \"quoted\"").blob(2, blob).number(3, -7).run();
    put.text(1, "").number(3, 8).run();
    SqlStatement get(database, "SELECT a, b, c FROM t ORDER BY c");
    REQUIRE(get.next());
    CHECK(get.text(0) == "it's \"quoted\"");
    CHECK(get.blob(1) == blob);
    CHECK(get.number(2) == -7);
    REQUIRE(get.next());
    CHECK(get.text(0).empty());
    CHECK(get.blob(1).empty());
    CHECK_FALSE(get.next());
}

TEST_CASE("an error names the file") {
    const ScratchFolder folder;
    SqliteDatabase database(folder.file("t.db"), SqliteDatabase::Mode::create);
    CHECK_THROWS_WITH(database.run("NO SUCH"), Catch::Contains(folder.file("t.db")));
    folder.write("text.db", "this is no database, and longer than its header would be\n");
    CHECK_THROWS_AS(SqliteDatabase(folder.file("text.db"), SqliteDatabase::Mode::write), TokenStoreError);
}
