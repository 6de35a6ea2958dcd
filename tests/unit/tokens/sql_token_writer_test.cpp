#include "tokens/sql_token_writer.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"
#include "tokens/gone_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<SqlDatabase> writerOf(const SqliteSite& site) {
    return std::make_unique<SqliteDatabase>(site.store.name(), SqliteDatabase::Mode::create);
}

TokenEntry derived(const std::string& id, const std::string& parent) {
    TokenEntry entry = sampleEntry(id, id);
    entry.parent = parent;
    return entry;
}

} // namespace

TEST_CASE("a family is a token and all that was derived from it, directly or not") {
    SqliteSite site;
    site.add("a", "a");
    site.add("z", "z");
    for (const auto& [id, parent] : {std::pair("b", "a"), std::pair("c", "b"), std::pair("d", "a")})
        site.store.add(derived(id, parent));
    SqlTokenWriter writer(writerOf(site), site.clock);
    auto family = writer.family("a");
    std::sort(family.begin(), family.end());
    CHECK(family == std::vector<std::string>{"a", "b", "c", "d"});
    CHECK(writer.family("c") == std::vector<std::string>{"c"});
}

TEST_CASE("what is remembered for longer than a month is forgotten, and what has expired goes") {
    SqliteSite site;
    site.add("a", "a");
    site.add("brief", "brief", site.now() + 1h);
    site.store.revoke({"a"}, "");
    SqlTokenWriter writer(writerOf(site), site.clock);
    writer.database().transaction([&] { CHECK(writer.retireExpired(site.now() + 2h) == 1); });
    CHECK(writer.lastGone("brief")->why == GoneToken::Why::expired);
    CHECK(writer.lastGone("a"));
    writer.database().transaction([&] { CHECK(writer.retireExpired(site.now() + 24h * 31) == 0); });
    CHECK_FALSE(writer.lastGone("a"));
}

TEST_CASE("of one owner's tokens that are gone, the latest thousand are remembered, and all of another's") {
    SqliteSite site;
    SqlTokenWriter writer(writerOf(site), site.clock);
    const auto retire = [&](const std::string& id, const std::string& owner) {
        TokenEntry entry = sampleEntry(id, id);
        entry.owner = owner;
        writer.add(entry);
        REQUIRE(writer.retire(id, GoneToken::Why::removed, site.now(), ""));
    };
    writer.database().transaction([&] {
        retire("of_another", "bob");
        retire("of_nobody", "");
        for (std::size_t i = 0; i <= maxGoneTokens; ++i) retire("a" + std::to_string(i), "alice");
    });
    CHECK(site.store.listGone().size() == maxGoneTokens + 2);
    CHECK_FALSE(writer.lastGone("a0"));
    for (const char* id : {"a1", "a1000", "of_another", "of_nobody"}) CHECK(writer.lastGone(id));
}

TEST_CASE("a text that another token has, or had before its rotation, is refused") {
    SqliteSite site;
    TokenEntry entry = site.add("a", "one");
    site.store.change("a", [&](TokenEntry& token) {
        token.previous = PreviousText{.digest = token.digest, .validUntil = site.now() + 1h};
        token.digest = sha256("two");
    });
    for (const char* text : {"one", "two"})
        CHECK_THROWS_WITH(site.store.add(sampleEntry("b", text)), Catch::Contains("the same token is there as a"));
    CHECK(site.store.list().size() == 1);
}

TEST_CASE("an id does not change") {
    SqliteSite site;
    site.add("a", "one");
    CHECK_THROWS_AS(site.store.change("a", [](TokenEntry& token) { token.record.id = "b"; }), std::logic_error);
    CHECK(site.store.get("a"));
}
