#include "server/store_judgements.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"
#include "tokens/token_rotation.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

Caller callerWith(const SqliteSite& site, const std::string& text) {
    Caller caller;
    caller.tokenDigest = sha256(text);
    caller.rules = *rulesIn(&site.store)(caller.tokenDigest);
    return caller;
}

} // namespace

TEST_CASE("without a store there is nothing to ask") {
    CHECK_FALSE(rulesIn(nullptr));
    CHECK_FALSE(standingIn(nullptr));
    CHECK_FALSE(freshnessOf(nullptr));
}

TEST_CASE(
    "what a token may do is known of the store's own; of any other there is nothing; of a broken store nobody knows") {
    SqliteSite site;
    site.add("a", "one");
    const auto rules = rulesIn(&site.store);
    CHECK((*rules(sha256("one")))->levels().front().id == "a");
    REQUIRE(rules(sha256("other")));
    CHECK(*rules(sha256("other")) == nullptr);
    SqlTokenStore unloaded(std::make_unique<SqliteSource>(site.folder.file("none.db")),
                           SqlStoreDeps{.clock = site.clock, .log = site.log.log, .telemetry = site.telemetry});
    CHECK_FALSE(rulesIn(&unloaded)(sha256("one")));
}

TEST_CASE("a caller stands for as long as its text does, and falls with what it may do") {
    SqliteSite site;
    site.add("a", "one");
    const Caller caller = callerWith(site, "one");
    const auto stands = standingIn(&site.store);
    CHECK(stands(caller) == never);
    REQUIRE(rotateToken(site.store, "a", {.fresh = sha256("two"), .overlap = 1h}, site.now()));
    CHECK(stands(caller) == site.now() + 1h);
    site.store.change("a", [](TokenEntry& entry) { entry.terms.callsPerHour = 5; });
    CHECK_FALSE(stands(caller));
    site.store.revoke({"a"}, "");
    CHECK_FALSE(stands(caller));
}

TEST_CASE("a store on this machine is always fresh: nobody has to ask") {
    SqliteSite site;
    CHECK_FALSE(freshnessOf(&site.store));
}
