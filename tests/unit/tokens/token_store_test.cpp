#include "tokens/token_store.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

// What validators see of a text, by what it stands for.
TEST_CASE("validators see tokens that may be used or have just expired, and no others") {
    SqliteSite site;
    site.add("plain", "plain");
    site.add("late", "late", site.now() + 1h);
    for (const char* id : {"held", "manager"}) site.add(id, id);
    site.store.change("held", [&](TokenEntry& entry) { entry.suspendedAt = site.now(); });
    site.store.change("manager", [](TokenEntry& entry) { entry.purpose = TokenPurpose::manage; });
    site.clock.turn(2h);
    CHECK(std::get<TokenRecord>(site.store.find(sha256("plain"))).id == "plain");
    CHECK(std::get<TokenRecord>(site.store.find(sha256("late"))).expiresAt <= site.now());
    for (const char* text : {"held", "manager", "nobody's"})
        CHECK(std::holds_alternative<TokenUnknown>(site.store.find(sha256(text))));
}
