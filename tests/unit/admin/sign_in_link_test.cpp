#include "admin/sign_in_link.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"
#include "tokens/checked_token.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("a link has its credential behind the #, which no server sees, and ten minutes to live") {
    SqliteSite site;
    const std::string link =
        admin::signInLink(site.store, {.baseUrl = "https://h/p", .prefix = "gth_", .owner = "alice"}, site.now());
    const std::string start = "https://h/p/#sign-in=";
    REQUIRE(link.rfind(start, 0) == 0);
    const std::string text = link.substr(start.size());
    CHECK(isCheckedToken(text, "gth_"));
    const TokenEntry entry = site.store.list().at(0);
    CHECK(entry.digest == sha256(text));
    CHECK(entry.purpose == TokenPurpose::signIn);
    CHECK(entry.owner == "alice");
    CHECK(entry.record.expiresAt == site.now() + admin::signInTime);
    CHECK(std::holds_alternative<TokenUnknown>(site.store.find(sha256(text)))); // to /mcp it is nothing
}
