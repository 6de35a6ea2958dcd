#include "tokens/token_events.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"
#include "tokens/file_token_store.hpp"
#include "tokens/token_rotation.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Kind = TokenEventKind;

struct Site : SqliteSite {
    // What is told, in order, as "token.created a".
    std::vector<std::string> told(TokenEvents& by) {
        by.look();
        std::vector<std::string> out;
        for (const EventDelivery& one : by.claim()) {
            out.push_back(one.event + " " + Json::parse(one.body)["token"]["id"].get<std::string>());
            by.delivered(one);
        }
        return out;
    }
    std::vector<std::string> told() { return told(events); }
    TokenEvents events{store, useSource, {{.url = "https://hook.example", .events = {}}}, clock};
};

using Told = std::vector<std::string>;

} // namespace

TEST_CASE("the first look only notices; from then on each change is told once, whoever looks") {
    Site site;
    site.add("a", "one");
    CHECK(site.told().empty());
    site.add("b", "two");
    TokenEvents other(site.store, site.useSource, {{.url = "https://hook.example", .events = {}}}, site.clock);
    CHECK(site.told(other) == Told{"token.created b"});
    CHECK(site.told().empty());
    REQUIRE(rotateToken(site.store, "a", {.fresh = sha256("three")}, site.now()));
    CHECK(site.told() == Told{"token.rotated a"});
    site.store.change("a", [&](TokenEntry& entry) { entry.suspendedAt = site.now(); });
    CHECK(site.told() == Told{"token.suspended a"});
    site.store.change("a", [&](TokenEntry& entry) { entry.suspendedAt.reset(); });
    site.store.revoke({"a"}, "left");
    site.store.revoke({"b"}, "leaked: found by token scan");
    CHECK(site.told() == Told{"token.revoked a", "token.leaked b"});
    CHECK(site.told().empty());
}

TEST_CASE("what happened while nobody looked is told when somebody does") {
    Site site;
    site.told();
    site.add("a", "one");
    site.store.revoke({"a"}, "");
    site.add("b", "two");
    TokenEvents later(site.store, site.useSource, {{.url = "https://hook.example", .events = {}}}, site.clock);
    CHECK(site.told(later) == Told{"token.created a", "token.revoked a", "token.created b"});
}

TEST_CASE("what came and went between two looks is told once, from a file as well") {
    ScratchFolder folder;
    Site site;
    FileTokenStore file(folder.file("tokens.yaml"), site.clock, site.log.log, site.telemetry);
    for (TokenStore* store : std::initializer_list<TokenStore*>{&site.store, &file}) {
        const SqliteSource source(folder.file(store == &file ? "file.db" : "sqlite.db"));
        TokenEvents events(*store, source, {{.url = "https://hook.example", .events = {}}}, site.clock);
        store->add(sampleEntry("old", "old", never));
        store->revoke({"old"}, "");
        CHECK(site.told(events).empty()); // before the first look
        site.clock.turn(1h);
        TokenEntry brief = sampleEntry("brief", "brief", never);
        brief.record.createdAt = site.now();
        store->add(brief);
        store->revoke({"brief"}, "leaked: x");
        store->load();
        CHECK(site.told(events) == Told{"token.created brief", "token.leaked brief"});
        CHECK(site.told(events).empty());
        store->add(sampleEntry("next", "next", never));
        store->load();
        CHECK(site.told(events) == Told{"token.created next"});
    }
}

TEST_CASE("a token that has expired and is rotated is the same one") {
    Site site;
    site.add("a", "one", site.now() + 1h);
    site.told();
    site.clock.turn(2h);
    site.store.load();
    CHECK(site.told().empty());
    REQUIRE(rotateToken(site.store, "a", {.fresh = sha256("two"), .expiresAt = site.now() + 1h}, site.now()));
    CHECK(site.told() == Told{"token.rotated a"});
}

TEST_CASE("a token that expires is not revoked, and credentials for a sign-in are nobody's business") {
    Site site;
    site.told();
    site.add("brief", "brief", site.now() + 1h);
    TokenEntry link = sampleEntry("link", "link");
    link.purpose = TokenPurpose::signIn;
    site.store.add(link);
    CHECK(site.told() == Told{"token.created brief"});
    site.clock.turn(2h);
    site.store.load();
    site.store.revoke({"link"}, "used to sign in");
    CHECK(site.told().empty());
}

TEST_CASE("a receiver is told of what it asked for, and never the text of a token or its digest") {
    Site site;
    TokenEvents some(
        site.store, site.useSource,
        {{.url = "https://all.example", .events = {}}, {.url = "https://some.example", .events = {Kind::revoked}}},
        site.clock);
    some.look();
    site.add("a", "the text");
    some.look();
    const auto deliveries = some.claim();
    REQUIRE(deliveries.size() == 1);
    CHECK(deliveries[0].url == "https://all.example");
    CHECK(deliveries[0].body.find("the text") == std::string::npos);
    CHECK(deliveries[0].body.find(hex(sha256("the text"))) == std::string::npos);
    CHECK(Json::parse(deliveries[0].body)["type"] == "token.created");
}

TEST_CASE("the end of a token is told 30, 7 and 1 days before, once each, the nearest first") {
    Site site;
    site.told();
    site.add("a", "one", site.now() + 24h * 40);
    site.add("soon", "two", site.now() + 24h * 5);
    site.told();
    const auto reminded = [&] {
        site.events.remind();
        return site.told();
    };
    CHECK(reminded() == Told{"token.expiring soon"});
    CHECK(reminded().empty());
    site.clock.turn(24h * 11);
    site.store.revoke({"soon"}, "");
    site.told();
    CHECK(site.events.remind() == std::map<int, std::int64_t>{{1, 0}, {7, 0}, {30, 1}});
    CHECK(site.told() == Told{"token.expiring a"});
    site.clock.turn(24h * 23);
    CHECK(reminded() == Told{"token.expiring a"});
    site.clock.turn(24h * 5);
    CHECK(reminded() == Told{"token.expiring a"});
    CHECK(reminded().empty());
}

TEST_CASE("the first call from another network is told; the first of all is none") {
    Site site;
    site.told();
    site.add("a", "one");
    site.told();
    site.events.used("a", "192.0.2.1");
    CHECK(site.told().empty());
    site.events.used("a", "192.0.2.77");
    CHECK(site.told().empty());
    site.events.used("a", "198.51.100.1");
    CHECK(site.told() == Told{"token.first_use_from_new_network a"});
    site.events.used("a", "198.51.100.2");
    CHECK(site.told().empty());
}

TEST_CASE("a network is a /24, or a /48 of IPv6") {
    CHECK(networkOf("192.0.2.77") == "192.0.2.0/24");
    CHECK(networkOf("2001:db8:1:2::3") == "2001:db8:1::/48");
    CHECK(networkOf("stdio").empty());
}

TEST_CASE("what is taken to be sent is nobody else's for a minute, and comes back when it failed") {
    Site site;
    site.told();
    site.add("a", "one");
    site.events.look();
    auto taken = site.events.claim();
    REQUIRE(taken.size() == 1);
    CHECK(site.events.claim().empty());
    site.events.failed(taken[0], 10s);
    CHECK(site.events.claim().empty());
    site.clock.turn(10s);
    taken = site.events.claim();
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].tries == 1);
    site.clock.turn(TokenEvents::claimed); // who took it is gone
    CHECK(site.events.claim().size() == 1);
    site.events.failed(taken[0], std::nullopt);
    site.clock.turn(1h);
    CHECK(site.events.claim().empty());
}

TEST_CASE("of a token file the same is told") {
    Site site;
    FileTokenStore file(site.folder.file("tokens.yaml"), site.clock, site.log.log, site.telemetry);
    TokenEvents events(file, site.useSource, {{.url = "https://hook.example", .events = {}}}, site.clock);
    CHECK(site.told(events).empty()); // there is no file yet
    file.add(sampleEntry("a", "one"));
    file.load();
    CHECK(site.told(events) == Told{"token.created a"});
    file.revoke({"a"}, "");
    CHECK(site.told(events) == Told{"token.revoked a"});
}

TEST_CASE("events have names, with and without what is common to all") {
    CHECK(eventName(Kind::firstUseFromNewNetwork) == "token.first_use_from_new_network");
    CHECK(tokenEventFrom("token.leaked") == Kind::leaked);
    CHECK(tokenEventFrom("leaked") == Kind::leaked);
    CHECK_FALSE(tokenEventFrom("token.").has_value());
    CHECK_FALSE(tokenEventFrom("lost").has_value());
}
