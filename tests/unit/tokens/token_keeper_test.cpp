#include "tokens/token_keeper.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"
#include "tokens/token_rotation.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site : SqliteSite {
    TokenUsage usage{useSource, clock};
    TokenKeeper keeper{store, usage, clock, log.log};
    TokenStatus status(const std::string& id) { return statusOf(*store.get(id), now()); }
};

} // namespace

TEST_CASE("a token that nobody uses for as long as it may be idle is suspended, and goes on when it is told to") {
    Site site;
    for (const char* id : {"used", "unused", "unwatched"}) site.add(id, id);
    for (const char* id : {"used", "unused"}) site.store.change(id, [](TokenEntry& entry) { entry.maxIdleDays = 7; });
    site.clock.turn(24h * 6);
    site.usage.record({.tokenId = "used", .tool = "t"});
    site.clock.turn(24h);
    site.keeper.sweep();
    CHECK(site.status("used") == TokenStatus::active);
    CHECK(site.status("unused") == TokenStatus::idle);
    CHECK(site.status("unwatched") == TokenStatus::active);
    CHECK(std::holds_alternative<TokenUnknown>(site.store.find(sha256("unused"))));
    site.store.change("unused", [&](TokenEntry& entry) {
        entry.suspendedAt.reset();
        entry.isIdle = false;
        entry.idleFrom = site.now();
    });
    site.keeper.sweep();
    CHECK(site.status("unused") == TokenStatus::active);
}

TEST_CASE("a token that is only ever refused is idle all the same") {
    Site site;
    for (const char* id : {"refused", "admitted"}) {
        site.add(id, id);
        site.store.change(id, [](TokenEntry& entry) { entry.maxIdleDays = 7; });
    }
    site.clock.turn(24h * 6);
    site.usage.record({.tokenId = "admitted", .tool = "t", .kind = UseKind::error});
    site.usage.flush();
    site.clock.turn(24h);
    for (const char* id : {"refused", "admitted"})
        site.usage.record({.tokenId = id, .tool = "t", .kind = UseKind::refused});
    site.keeper.sweep();
    CHECK(site.status("refused") == TokenStatus::idle);
    CHECK(site.status("admitted") == TokenStatus::active);
}

TEST_CASE("a token that may be idle for longer than its days are kept goes by its last use of any kind") {
    Site site;
    site.add("a", "a");
    site.store.change("a", [](TokenEntry& entry) { entry.maxIdleDays = 3650; });
    site.clock.turn(24h * 3649);
    site.usage.record({.tokenId = "a", .tool = "t", .kind = UseKind::refused});
    site.clock.turn(24h);
    site.keeper.sweep();
    CHECK(site.status("a") == TokenStatus::active);
}

TEST_CASE("an old text that is to end when idle ends an hour after its last use") {
    Site site;
    site.add("a", "one");
    REQUIRE(rotateToken(site.store, "a", {.fresh = sha256("two"), .overlap = 24h * 7, .untilIdle = true}, site.now()));
    site.clock.turn(50min);
    site.usage.record({.tokenId = "a", .generation = 1, .tool = "t"});
    site.clock.turn(59min);
    site.keeper.sweep();
    CHECK(std::holds_alternative<TokenRecord>(site.store.find(sha256("one"))));
    site.clock.turn(1min);
    site.keeper.sweep();
    CHECK(std::holds_alternative<TokenUnknown>(site.store.find(sha256("one"))));
    CHECK(std::holds_alternative<TokenRecord>(site.store.find(sha256("two"))));
    CHECK(site.store.listWatched().empty());
}

TEST_CASE("an old text that is to end at a time does not end before") {
    Site site;
    site.add("a", "one");
    REQUIRE(rotateToken(site.store, "a", {.fresh = sha256("two"), .overlap = 24h}, site.now()));
    site.clock.turn(23h);
    site.keeper.sweep();
    CHECK(std::holds_alternative<TokenRecord>(site.store.find(sha256("one"))));
}
