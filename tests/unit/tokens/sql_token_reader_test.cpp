#include "tokens/sql_token_reader.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"
#include "tokens/token_rotation.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<SqlDatabase> readerOf(const SqliteSite& site) {
    return std::make_unique<SqliteDatabase>(site.store.name(), SqliteDatabase::Mode::read);
}

} // namespace

TEST_CASE("a token is found by its text, by the one before, and by its id") {
    SqliteSite site;
    site.add("a", "one");
    REQUIRE(rotateToken(site.store, "a", {.fresh = sha256("two"), .overlap = 60s}, site.now()));
    SqlTokenReader reader(readerOf(site));
    CHECK(reader.byText(sha256("one"))->record.id == "a");
    CHECK(reader.byText(sha256("two"))->record.id == "a");
    CHECK(reader.byText(sha256("three")) == nullptr);
    CHECK(reader.byId("a")->generation == 2);
    CHECK(reader.byId("b") == nullptr);
    CHECK(reader.count() == 1);
}

TEST_CASE("changes name what is gone; a new token is a change without a name") {
    SqliteSite site;
    SqlTokenReader reader(readerOf(site));
    std::int64_t seen = reader.lastChange();
    site.add("a", "one");
    CHECK(reader.changesSince(seen).ids.empty());
    CHECK(seen == reader.lastChange());
    site.store.revoke({"a"}, "");
    const TableChanges changes = reader.changesSince(seen);
    CHECK(changes.ids == std::vector<std::string>{"a"});
    CHECK(changes.since == site.clock.wall());
    CHECK(reader.changesSince(seen).ids.empty());
}

TEST_CASE("who has not looked for longer than changes are kept takes everything for changed") {
    SqliteSite site;
    site.add("a", "one");
    std::int64_t old = 0;
    SqliteDatabase database(site.store.name(), SqliteDatabase::Mode::write);
    database.run("DELETE FROM changes; INSERT INTO changes (number, id) VALUES (500, 'x')");
    SqlTokenReader reader(readerOf(site));
    CHECK(reader.changesSince(old).all);
    CHECK(old == 500);
}

TEST_CASE("the next token to become valid is known") {
    SqliteSite site;
    SqlTokenReader reader(readerOf(site));
    CHECK(reader.nextBegin(site.now()) == never);
    for (const auto hours : {3, 1, 2}) {
        TokenEntry entry = sampleEntry("t" + std::to_string(hours), std::to_string(hours));
        entry.notBefore = site.now() + std::chrono::hours(hours);
        site.store.add(entry);
    }
    CHECK(reader.nextBegin(site.now()) == site.now() + 1h);
    CHECK(reader.nextBegin(site.now() + 1h) == site.now() + 2h);
}
