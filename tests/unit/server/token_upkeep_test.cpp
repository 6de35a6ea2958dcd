#include "server/token_upkeep.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"
#include "tokens/token_rotation.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Site : SqliteSite {
    TokenUpkeep upkeep{store, std::make_unique<SqliteSource>(store.name() + ".usage", SqliteDatabase::Sync::normal),
                       clock, log.log};
    AuditEvent call(Outcome outcome, std::string_view reason = "") const {
        AuditEvent event;
        event.tokenId = "a";
        event.tokenGeneration = 1;
        event.method = "tools/call";
        event.name = "query";
        event.peer = "192.0.2.1";
        event.outcome = outcome;
        event.reason = reason;
        return event;
    }
};

} // namespace

TEST_CASE("calls count as use; what kept one from its tool is told as a refusal as well") {
    Site site;
    site.upkeep.record(site.call(Outcome::ok));
    site.upkeep.record(site.call(Outcome::error, "backend"));
    site.upkeep.record(site.call(Outcome::limited, "rate_limit"));
    site.upkeep.write();
    CHECK(site.upkeep.usage().report("a")["usage_count"] == 3);
    const Json refusals = site.upkeep.refusals().of("a");
    REQUIRE(refusals.size() == 1);
    CHECK(refusals[0]["reason"] == "rate_limit");
    CHECK(refusals[0]["tool"] == "query");
}

TEST_CASE("what reaches no feature is no use") {
    Site site;
    AuditEvent list = site.call(Outcome::ok);
    list.method = "tools/list";
    site.upkeep.record(list);
    site.upkeep.write();
    CHECK(site.upkeep.usage().report("a")["usage_count"] == 0);
}

TEST_CASE("a text that lets nobody in any more is told to whom it belonged") {
    Site site;
    const Sha256 gone = site.add("a", "text of a").digest, held = site.add("b", "text of b").digest;
    const Sha256 foreign = sha256("a guess");
    site.store.revoke({"a"}, "leaked");
    for (const Sha256* digest : {&gone, &held, &foreign}) {
        AuditEvent event;
        event.method = "POST";
        event.refusedToken = digest;
        event.outcome = Outcome::rejected;
        event.reason = "revoked";
        event.peer = "192.0.2.7";
        site.upkeep.record(event);
    }
    site.upkeep.write();
    CHECK(site.upkeep.refusals().of("a").size() == 1);
    CHECK(site.upkeep.refusals().of("b").size() == 1);
    CHECK(site.upkeep.usage().report("a")["usage_count"] == 0); // its use has ended with it
    const Json used = site.upkeep.usage().report("b");
    CHECK(used["usage_count"] == 1);
    CHECK(used["days"][0]["refused"] == 1);
    CHECK(used["last_used_at"].is_string());
    CHECK(used["generations"][0]["address"] == "192.0.2.7");
    CHECK(used["tools"].empty()); // none was reached
}

TEST_CASE("a text before the last rotation that is refused counts as late") {
    Site site;
    const TokenEntry made = site.add("a", "before");
    REQUIRE(
        rotateToken(site.store, "a", {.fresh = sha256("after"), .overlap = std::chrono::hours(1)}, site.clock.wall()));
    AuditEvent event;
    event.refusedToken = &made.digest;
    event.outcome = Outcome::rejected;
    site.upkeep.record(event);
    site.upkeep.write();
    const Json used = site.upkeep.usage().report("a");
    CHECK(used["generations"][0]["generation"] == 1);
    CHECK(site.upkeep.usage().of(*site.store.get("a")).callsOfPrevious == 1);
}

TEST_CASE("limits that cannot be looked at are said once, and looked at again when they can be") {
    Site site;
    const LimitWish wish{.tokenId = "a", .window = LimitWindow::hour, .limit = 5};
    std::filesystem::create_directory(site.store.name() + ".usage"); // a folder in its place
    for (int i = 0; i < 3; ++i) CHECK_FALSE(site.upkeep.take({wish}));
    const std::string said = site.log.text(), words = "the limits of tokens cannot be looked at";
    REQUIRE(said.find(words) != std::string::npos);
    CHECK(said.find(words) == said.rfind(words));
    std::filesystem::remove(site.store.name() + ".usage");
    REQUIRE(site.upkeep.take({wish}));
    site.upkeep.giveBack({{.tokenId = "a", .window = LimitWindow::hour, .limit = 5, .unused = 1}});
}

TEST_CASE("what cannot be written is said once") {
    Site site;
    std::filesystem::create_directory(site.store.name() + ".usage"); // a folder in its place
    for (int i = 0; i < 3; ++i) {
        site.upkeep.record(site.call(Outcome::ok));
        site.upkeep.write();
    }
    const std::string said = site.log.text();
    const std::string words = "cannot be written";
    const std::size_t first = said.find(words);
    REQUIRE(first != std::string::npos);
    CHECK(said.find(words, first + 1) == std::string::npos);
}
