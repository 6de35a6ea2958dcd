#include "admin/token_api.hpp"

#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"
#include "tokens/checked_token.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site : SqliteSite {
    TokenUsage usage{folder.file("use.db"), clock};
    TokenApi api{{.store = store,
                  .clock = clock,
                  .usage = usage,
                  .prefix = "gth_",
                  .policyScopes = {"read:reports"},
                  .limitOf = [](const TokenEntry& entry) {
                      return LimitState{entry.terms.callsPerHour, 3, 60s};
                  }}};
    const Manager all{.manages = true, .owner = "", .id = "host"};
    const Manager alice{.manages = true, .owner = "alice", .id = "token-a"},
        bob{.manages = true, .owner = "bob", .id = "token-b"};

    Json made(const Manager& who, const Json& request = {{"name", "n"}}) const { return api.create(who, request).body; }
    std::set<std::string> listed(const Manager& who, const Query& query = {}) const {
        std::set<std::string> ids;
        const Json rows = api.list(who, query).body["data"];
        for (const Json& row : rows) ids.insert(row["id"].get<std::string>());
        return ids;
    }
};

template <class Work>
int statusOf(const Work& work) {
    try {
        return work().status;
    } catch (const ApiError& fault) {
        CHECK_FALSE(fault.code().empty());
        return fault.status();
    }
}

} // namespace

TEST_CASE("a token is made as asked for, and its text shown once") {
    Site site;
    const Json made = site.made(site.alice, {{"name", "MCP Client Token"},
                                             {"scopes", {"execute:mcp", "read:tasks"}},
                                             {"expires_in_days", 30},
                                             {"rate_limit", 1000}});
    const std::string text = made["token"];
    CHECK(isCheckedToken(text, "gth_"));
    CHECK(made["scopes"] == Json{"execute:mcp", "read:tasks"});
    CHECK(made["expires_at"] == "2024-12-19T07:06:40Z");
    CHECK(made["usage_count"] == 0);
    CHECK(made["owner"] == "alice");
    CHECK(made["created_by"] == "token-a");
    CHECK(std::holds_alternative<TokenRecord>(site.store.find(sha256(text))));
    const auto shown = site.api.get(site.alice, made["id"]);
    CHECK_FALSE(shown.body.contains("token"));
    CHECK_FALSE(shown.etag.empty());
}

TEST_CASE("what is not said is the least: thirty days, a thousand calls an hour, reading") {
    Site site;
    const Json made = site.made(site.all);
    CHECK(made["expires_at"] == "2024-12-19T07:06:40Z");
    CHECK(made["rate_limit"] == 1000);
    const Json scopes = made["scopes"];
    for (const Json& scope : scopes) CHECK(scope.get<std::string>().rfind("read:", 0) == 0);
}

TEST_CASE("what is asked for wrongly makes nothing") {
    Site site;
    struct Row {
        const char* json;
        int status;
    };
    for (const Row& row : std::initializer_list<Row>{{"{}", 400},
                                                     {R"({"name":""})", 400},
                                                     {R"({"name":"n","scopes":[]})", 400},
                                                     {R"({"name":"n","scopes":["none:such"]})", 400},
                                                     {R"({"name":"n","scopes":["mcp:admin"]})", 403},
                                                     {R"({"name":"n","scopes":["*"]})", 403},
                                                     {R"({"name":"n","scopes":["read:tasks","tokens:manage"]})", 403},
                                                     {R"({"name":"n","expires_in_days":366})", 400},
                                                     {R"({"name":"n","manages":true})", 400},
                                                     {R"({"name":"n","owner":"bob"})", 403},
                                                     {R"([])", 400}})
        CHECK(statusOf([&] { return site.api.create(site.alice, Json::parse(row.json)); }) == row.status);
    CHECK(site.store.list().empty());
}

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
    for (int i = 0; i < 5; ++i) site.made(site.all, {{"name", "n" + std::to_string(i)}});
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

TEST_CASE("a token is made narrower and longer, never wider") {
    Site site;
    const std::string id = site.made(site.alice, {{"name", "n"}, {"scopes", {"read:tasks", "write:tasks"}}})["id"];
    const auto patched =
        site.api.patch(site.alice, id, {{"name", "new"}, {"scopes", {"read:tasks"}}, {"rate_limit", 10}}, "");
    CHECK(patched.body["name"] == "new");
    CHECK(patched.body["scopes"] == Json{"read:tasks"});
    CHECK(patched.body["rate_limit"] == 10);
    for (const char* wider : {R"({"scopes":["read:tasks","write:tasks"]})", R"({"scopes":["mcp:admin"]})"})
        CHECK(statusOf([&] { return site.api.patch(site.alice, id, Json::parse(wider), ""); }) == 403);
    for (const char* wrong :
         {R"({"id":"x"})", R"({"created_at":"x"})", R"({"usage_count":0})", R"({"token":"x"})", R"({"owner":"bob"})"})
        CHECK(statusOf([&] { return site.api.patch(site.alice, id, Json::parse(wrong), ""); }) == 400);
    CHECK(site.api.get(site.alice, id).body["scopes"] == Json{"read:tasks"});
}

TEST_CASE("a change that was made from an older view is refused") {
    Site site;
    const std::string id = site.made(site.alice)["id"];
    const std::string first = site.api.get(site.alice, id).etag;
    const std::string second = site.api.patch(site.alice, id, {{"name", "new"}}, first).etag;
    CHECK(second != first);
    CHECK(statusOf([&] { return site.api.patch(site.alice, id, {{"name", "newer"}}, first); }) == 412);
    CHECK(statusOf([&] { return site.api.patch(site.alice, id, {{"name", "newer"}}, second); }) == 200);
    site.usage.record({.tokenId = id, .tool = "query"});
    CHECK(site.api.get(site.alice, id).etag == site.api.get(site.alice, id).etag);
    CHECK(site.api.get(site.alice, id).body["usage_count"] == 1);
}

TEST_CASE("a rotation keeps the id; two at once need a word, and what was revoked stays so") {
    Site site;
    const Json made = site.made(site.alice);
    const std::string id = made["id"], first = made["token"];
    const Json rotated = site.api.rotate(site.alice, id, {{"overlap", "1h"}}).body;
    CHECK(rotated["id"] == id);
    CHECK(rotated["generation"] == 2);
    CHECK(rotated["previous"]["valid_until"] == "2024-11-19T08:06:40Z");
    for (const std::string& text : {first, rotated["token"].get<std::string>()})
        CHECK(std::holds_alternative<TokenRecord>(site.store.find(sha256(text))));
    CHECK(statusOf([&] { return site.api.rotate(site.alice, id, Json::object()); }) == 409);
    CHECK(statusOf([&] { return site.api.rotate(site.alice, id, {{"replace", true}}); }) == 201);
    for (const char* wrong : {R"({"overlap":"31d"})", R"({"overlap":5})", R"({"overlap":"soon"})",
                              R"({"replace":"yes"})", R"({"expires_in_days":0})", R"({"scopes":["x"]})"})
        CHECK(statusOf([&] { return site.api.rotate(site.alice, id, Json::parse(wrong)); }) == 400);
    CHECK(site.api.remove(site.alice, id, {{"reason", "lost"}}).status == 204);
    CHECK(statusOf([&] { return site.api.rotate(site.alice, id, Json::object()); }) == 409);
    CHECK(site.api.get(site.alice, id).body["revoked_because"] == "lost");
    CHECK(statusOf([&] { return site.api.remove(site.alice, id, {}); }) == 404);
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

TEST_CASE("a suspended token is held, and goes on as it was") {
    Site site;
    const Json made = site.made(site.alice);
    CHECK(site.api.suspend(site.alice, made["id"]).body["status"] == "suspended");
    CHECK(std::holds_alternative<TokenUnknown>(site.store.find(sha256(made["token"].get<std::string>()))));
    CHECK(site.api.resume(site.alice, made["id"]).body["status"] == "active");
    CHECK(std::holds_alternative<TokenRecord>(site.store.find(sha256(made["token"].get<std::string>()))));
}

TEST_CASE("a child has what its parent has, or less") {
    Site site;
    const std::string id = site.made(site.alice, {{"name", "n"}, {"scopes", {"read:tasks", "write:tasks"}}})["id"];
    const Json child =
        site.api
            .derive(site.alice, id,
                    {{"name", "agent"}, {"scopes", {"read:tasks"}}, {"expires_in_days", 1}, {"max_calls", 5}})
            .body;
    CHECK(child["parent_id"] == id);
    CHECK(child["owner"] == "alice");
    CHECK(child["max_calls"] == 5);
    CHECK(isCheckedToken(child["token"].get<std::string>(), "gth_"));
    CHECK(statusOf([&] { return site.api.derive(site.alice, id, {{"scopes", {"read:agents"}}}); }) == 403);
    CHECK(statusOf([&] { return site.api.derive(site.alice, id, {{"expires_in_days", 31}}); }) == 403);
    site.api.remove(site.alice, id, {});
    CHECK(std::holds_alternative<TokenUnknown>(site.store.find(sha256(child["token"].get<std::string>()))));
}

TEST_CASE("a dry run tells what would be revoked, and revokes nothing") {
    Site site;
    const std::string a = site.made(site.alice)["id"], b = site.made(site.bob)["id"];
    CHECK(site.api.bulkRevoke(site.all, {{"owner", "alice"}, {"dry_run", true}}).body["ids"] == Json{a});
    CHECK(site.store.list().size() == 2);
    CHECK(site.api.bulkRevoke(site.all, {{"owner", "alice"}, {"reason", "left"}}).body["total"] == 1);
    CHECK(site.listed(site.all) == std::set<std::string>{b});
    CHECK(site.listed(site.all, {{"status", "revoked"}}) == std::set<std::string>{a});
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

TEST_CASE("twenty that are made at once are twenty") {
    Site site;
    std::vector<std::thread> threads;
    for (int i = 0; i < 20; ++i) threads.emplace_back([&] { site.made(site.alice); });
    for (std::thread& thread : threads) thread.join();
    CHECK(site.api.list(site.alice, {}).body["total"] == 20);
}

TEST_CASE("of fifty removals of one token one succeeds") {
    Site site;
    const std::string id = site.made(site.alice)["id"];
    std::atomic<int> removed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 50; ++i)
        threads.emplace_back([&] {
            try {
                site.api.remove(site.alice, id, {});
                ++removed;
            } catch (const ApiError&) {
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(removed == 1);
}

TEST_CASE("a query is read strictly") {
    CHECK(queryFrom("a=b&c=d%20e+f", {"a", "c"}) == Query{{"a", "b"}, {"c", "d e f"}});
    CHECK(queryFrom("", {}).empty());
    for (const char* wrong : {"x=1", "a=1&a=2", "a=%zz", "token=gth_"})
        CHECK_THROWS_AS(queryFrom(wrong, {"a"}), ApiError);
}
