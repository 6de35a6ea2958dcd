#include "tokens/token_view.hpp"

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"
#include "tokens/token_fields.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("a view has every member, and neither text nor digest") {
    TokenEntry entry = sampleEntry("id", "text", sampleTime + 24h);
    entry.record.database = "main";
    entry.generation = 2;
    entry.previous = PreviousText{.digest = sha256("old"), .validUntil = sampleTime + 1h};
    const Json view = viewOf(entry, sampleTime, {.calls = 3, .lastUsedAt = sampleTime, .callsOfPrevious = 1});
    for (const char* member :
         {"id",         "name",       "description",   "labels",       "scopes",      "created_at",
          "not_before", "expires_at", "rate_limit",    "burst",        "databases",   "tools",
          "networks",   "status",     "generation",    "last_used_at", "usage_count", "is_active",
          "parent_id",  "max_calls",  "max_idle_days", "previous",     "owner",       "created_by"})
        CHECK(view.contains(member));
    CHECK(view["usage_count"] == 3);
    CHECK(view["databases"] == Json{"main"});
    CHECK(view["previous"]["calls_since"] == 1);
    CHECK(view["previous"]["generation"] == 1);
    for (const char* secret : {"text", "old"}) CHECK(view.dump().find(hex(sha256(secret))) == std::string::npos);
    CHECK_FALSE(view.contains("token"));
}

TEST_CASE("a status is a word, and only an active token is active") {
    TokenEntry entry = sampleEntry("id", "text", sampleTime + 24h);
    CHECK(viewOf(entry, sampleTime)["is_active"] == true);
    CHECK(viewOf(entry, sampleTime + 24h)["status"] == "expired");
    entry.suspendedAt = sampleTime;
    CHECK(viewOf(entry, sampleTime)["status"] == "suspended");
    entry.isIdle = true;
    CHECK(viewOf(entry, sampleTime)["status"] == "idle");
    CHECK(viewOf(entry, sampleTime)["is_active"] == false);
    entry.suspendedAt.reset();
    entry.notBefore = sampleTime + 1h;
    CHECK(viewOf(entry, sampleTime)["status"] == "not_yet_valid");
}

TEST_CASE("one that is gone says how") {
    const TokenEntry entry = sampleEntry("id", "text", sampleTime + 24h);
    const Json revoked = viewOf(goneFrom(entry, GoneToken::Why::removed, sampleTime, "leaked"));
    CHECK(revoked["status"] == "revoked");
    CHECK(revoked["is_active"] == false);
    CHECK(revoked["revoked_because"] == "leaked");
    CHECK(viewOf(goneFrom(entry, GoneToken::Why::expired, sampleTime))["status"] == "expired");
}
