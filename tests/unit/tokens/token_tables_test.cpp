#include "tokens/token_tables.hpp"

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "tokens/sqlite_database.hpp"
#include "tokens/token_fields.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("tables are made once, and those of a later version are refused") {
    const ScratchFolder folder;
    SqliteDatabase database(folder.file("t.db"), SqliteDatabase::Mode::create);
    CHECK_THROWS_WITH(checkTokenTables(database), Catch::Contains("is no token store"));
    migrateTokenTables(database);
    migrateTokenTables(database);
    checkTokenTables(database);
    database.run("PRAGMA user_version=99");
    CHECK_THROWS_WITH(migrateTokenTables(database), Catch::Contains("was written by a later version"));
    CHECK_THROWS_WITH(checkTokenTables(database), Catch::Contains("was written by a later version"));
}

// The tables as the first version made them.
TEST_CASE("tables of an earlier version are brought up to this one, with what is in them") {
    const ScratchFolder folder;
    SqliteDatabase database(folder.file("t.db"), SqliteDatabase::Mode::create);
    migrateTokenTables(database);
    database.run(
        "DROP INDEX gone_by_owner; ALTER TABLE gone DROP COLUMN owner; ALTER TABLE changes DROP COLUMN at_ms; ALTER "
        "TABLE changes DROP COLUMN token; PRAGMA user_version=1; INSERT INTO changes (id) VALUES ('a')");
    checkTokenTables(database);
    migrateTokenTables(database);
    SqlStatement changes(database, "SELECT id, at_ms FROM changes");
    REQUIRE(changes.next());
    CHECK(changes.text(0) == "a");
    CHECK(changes.number(1) == 0);
    CHECK(database.tablesVersion() == 3);
}

TEST_CASE("a token comes back from its row as it went in") {
    TokenEntry entry = sampleEntry("id", "text", sampleTime + std::chrono::hours(1));
    entry.record.database = "main";
    entry.terms.scopes = {"read:tasks"};
    const TokenEntry again = entryFrom("id", bytesOf(entry.digest), documentOf(entry), "f");
    CHECK(again.digest == entry.digest);
    CHECK(again.record.note == entry.record.note);
    CHECK(again.record.database == "main");
    CHECK(again.record.createdAt == entry.record.createdAt);
    CHECK(again.record.expiresAt == entry.record.expiresAt);
    CHECK(fieldsOf(again) == fieldsOf(entry));
}

TEST_CASE("one that has gone comes back likewise") {
    GoneToken gone = goneFrom(sampleEntry("id", "text"), GoneToken::Why::removed, sampleTime, "leaked");
    const GoneToken again = goneFrom("id", bytesOf(gone.digest), documentOf(gone), "f");
    CHECK(again.why == GoneToken::Why::removed);
    CHECK(again.because == "leaked");
    CHECK(again.goneAt == sampleTime);
    CHECK(again.expiresAt == never);
    CHECK(again.rest == gone.rest);
}

TEST_CASE("a row that cannot be read names the file and the id") {
    for (const char* document : {"", "[]", "{", R"({"rate_limit":"many"})", R"({"note":5})"})
        CHECK_THROWS_WITH(entryFrom("token-1", std::string(32, 'x'), document, "tokens.db"),
                          Catch::StartsWith("tokens.db: token-1: "));
}
