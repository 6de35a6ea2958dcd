#include "admin/token_api.hpp"

#include <catch2/catch.hpp>

#include "support/token_api_site.hpp"
#include "tokens/checked_token.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Site = TokenApiSite;

} // namespace

TEST_CASE("each sees and changes only their own; others' tokens are as unknown as those that never were") {
    Site site;
    const std::string hers = site.made(site.alice)["id"], his = site.made(site.bob)["id"],
                      hosts = site.made(site.all)["id"];
    CHECK(site.listed(site.alice) == std::set<std::string>{hers});
    CHECK(site.listed(site.bob) == std::set<std::string>{his});
    CHECK(site.listed(site.all) == std::set<std::string>{hers, his, hosts});
    for (const std::string& id : {his, hosts, std::string("token-0")}) {
        CHECK(statusOf([&] { return site.api.get(site.alice, id); }) == 404);
        CHECK(statusOf([&] { return site.api.patch(site.alice, id, {{"name", "x"}}, ""); }) == 404);
        CHECK(statusOf([&] { return site.api.remove(site.alice, id, {}); }) == 404);
        CHECK(statusOf([&] { return site.api.rotate(site.alice, id, Json::object()); }) == 404);
        CHECK(statusOf([&] { return site.api.suspend(site.alice, id); }) == 404);
        CHECK(statusOf([&] { return site.api.resume(site.alice, id); }) == 404);
        CHECK(statusOf([&] { return site.api.derive(site.alice, id, {{"name", "x"}}); }) == 404);
        CHECK(statusOf([&] { return site.api.usage(site.alice, id); }) == 404);
        CHECK(statusOf([&] { return site.api.generations(site.alice, id); }) == 404);
    }
    CHECK(site.api.bulkRevoke(site.alice, {{"ids", {his, hosts}}}).body["total"] == 0);
    CHECK(site.store.list().size() == 3);
}

TEST_CASE("tokens of others stay unknown when they are gone") {
    Site site;
    const std::string hers = site.made(site.alice)["id"], his = site.made(site.bob)["id"];
    for (const std::string& id : {hers, his}) site.api.remove(site.all, id, {});
    const auto revoked = [&](const Manager& who) {
        std::set<std::string> out;
        const Json rows = site.api.list(who, {{"status", "revoked"}}).body["data"];
        for (const Json& row : rows) out.insert(row["id"]);
        return out;
    };
    CHECK(revoked(site.alice) == std::set<std::string>{hers});
    CHECK(revoked(site.all) == std::set<std::string>{hers, his});
    CHECK(site.api.get(site.alice, hers).body["status"] == "revoked");
    CHECK(statusOf([&] { return site.api.get(site.alice, his); }) == 404);
}

TEST_CASE("credentials that manage are no tokens of the list, and cannot be changed or removed here") {
    Site site;
    site.add("manager", "manager");
    site.store.change("manager", [](TokenEntry& entry) { entry.purpose = TokenPurpose::manage; });
    CHECK(site.listed(site.all).empty());
    CHECK(statusOf([&] { return site.api.get(site.all, "manager"); }) == 404);
    CHECK(statusOf([&] { return site.api.remove(site.all, "manager", {}); }) == 404);
    CHECK(site.api.bulkRevoke(site.all, {{"created_before", "2030-01-01T00:00:00Z"}}).body["total"] == 0);
    CHECK(site.api.self({.manages = true, .owner = "", .id = "manager"}).status == 200);
}

TEST_CASE("a list is paged by number and by cursor, with the same total") {
    Site site;
    for (int i = 0; i < 5; ++i) {
        site.made(site.all, {{"name", "n" + std::to_string(i)}});
        site.clock.turn(1s);
    }
    const Json second = site.api.list(site.all, {{"skip", "1"}, {"limit", "2"}}).body;
    CHECK(second["total"] == 5);
    CHECK(second["data"].size() == 2);
    CHECK(second["data"][0]["name"] == "n1");
    std::set<std::string> seen;
    std::string cursor;
    for (int pages = 0; pages < 10; ++pages) {
        Query query{{"limit", "2"}};
        if (!cursor.empty()) query["cursor"] = cursor;
        const Json page = site.api.list(site.all, query).body;
        CHECK(page["total"] == 5);
        const Json rows = page["data"];
        for (const Json& row : rows) CHECK(seen.insert(row["name"]).second);
        if (page["next_cursor"].is_null()) break;
        cursor = page["next_cursor"];
    }
    CHECK(seen.size() == 5);
    for (const Query& wrong : std::initializer_list<Query>{{{"limit", "0"}},
                                                           {{"limit", "-1"}},
                                                           {{"limit", "x"}},
                                                           {{"skip", "-1"}},
                                                           {{"cursor", "nobody"}},
                                                           {{"expires_within", "soon"}}})
        CHECK(statusOf([&] { return site.api.list(site.all, wrong); }) == 400);
    CHECK(site.api.list(site.all, {{"limit", "1000000"}}).status == 200);
}

TEST_CASE("a list goes on where it was when the token at the end of a page has gone meanwhile") {
    Site site;
    for (int i = 0; i < 6; ++i) site.made(site.all, {{"name", "n" + std::to_string(i)}});
    const Json first = site.api.list(site.all, {{"limit", "2"}}).body;
    site.api.remove(site.all, first["data"][1]["id"], {});
    std::set<std::string> seen{first["data"][0]["name"], first["data"][1]["name"]};
    const Json rest = site.api.list(site.all, {{"limit", "9"}, {"cursor", first["next_cursor"]}}).body["data"];
    for (const Json& row : rest) CHECK(seen.insert(row["name"]).second);
    CHECK(seen.size() == 6);
}

TEST_CASE("one that has expired is listed as that, and rotated back to life") {
    Site site;
    const std::string id = site.made(site.alice, {{"name", "n"}, {"expires_in_days", 1}})["id"];
    site.clock.turn(48h);
    site.store.load();
    CHECK(site.api.list(site.alice, {}).body["data"][0]["status"] == "expired");
    const Json rotated = site.api.rotate(site.alice, id, Json::object()).body;
    CHECK(rotated["status"] == "active");
    CHECK(rotated["expires_at"] == "2024-11-22T07:06:40Z");
}

TEST_CASE("a token asks what it is, and what is left to it") {
    Site site;
    const Json made = site.made(site.alice, {{"name", "n"}, {"rate_limit", 5}});
    const Manager itself{.manages = false, .owner = "alice", .id = made["id"]};
    const Json self = site.api.self(itself).body;
    CHECK(self["remaining"] == 3);
    CHECK(self["resets_at"] == "2024-11-19T07:07:40Z");
    const Json valid = site.api.validate(itself).body;
    CHECK(valid["valid"] == true);
    CHECK(valid["id"] == made["id"]);
    CHECK(valid["subject"] == "alice");
}
