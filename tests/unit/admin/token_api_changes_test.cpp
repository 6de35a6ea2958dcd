#include <atomic>
#include <thread>

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

// The answer to a creation was lost; the client asked again, and there were two tokens.
TEST_CASE("a request that names itself is made once: repeated, it gives the same token another text") {
    Site site;
    const Json wish{{"name", "n"}};
    const Json first = site.api.create(site.alice, wish, "key-1").body;
    const Json second = site.api.create(site.alice, wish, "key-1").body;
    CHECK(second["id"] == first["id"]);
    CHECK(second["token"] != first["token"]);
    CHECK(second["generation"] == 1);
    CHECK(std::holds_alternative<TokenUnknown>(site.store.find(sha256(first["token"].get<std::string>()))));
    CHECK(std::holds_alternative<TokenRecord>(site.store.find(sha256(second["token"].get<std::string>()))));
    CHECK(statusOf([&] { return site.api.create(site.alice, {{"name", "other"}}, "key-1"); }) == 409);
    CHECK(site.api.create(site.bob, wish, "key-1").body["id"] != first["id"]); // another's key is another
    CHECK(site.api.create(site.alice, wish).body["id"] != first["id"]);
    CHECK(statusOf([&] { return site.api.create(site.alice, wish, std::string(201, 'k')); }) == 400);
    site.clock.turn(24h);
    CHECK(site.api.create(site.alice, wish, "key-1").body["id"] != first["id"]);
}

TEST_CASE("a rotation that names itself rotates once") {
    Site site;
    const std::string id = site.made(site.alice)["id"];
    const Json how{{"overlap", "1h"}};
    const Json first = site.api.rotate(site.alice, id, how, "key").body;
    const Json second = site.api.rotate(site.alice, id, how, "key").body;
    CHECK(second["generation"] == 2);
    CHECK(second["previous"] == first["previous"]);
    CHECK(second["token"] != first["token"]);
    CHECK(statusOf([&] { return site.api.rotate(site.alice, id, Json::object(), "key"); }) == 409);
    const Json child = site.api.derive(site.alice, id, {{"name", "c"}}, "child").body;
    CHECK(site.api.derive(site.alice, id, {{"name", "c"}}, "child").body["id"] == child["id"]);
}

TEST_CASE("one owner has so many tokens and no more, until some are revoked; who sees all may make more") {
    Site site;
    const std::string first = site.made(site.alice)["id"];
    for (std::size_t i = 1; i < TokenApi::mostOfOwner; ++i) {
        TokenEntry entry = sampleEntry("n" + std::to_string(i), "text " + std::to_string(i));
        entry.owner = site.alice.owner;
        site.store.add(entry);
    }
    CHECK(statusOf([&] { return site.api.create(site.alice, {{"name", "x"}}); }) == 409);
    CHECK(statusOf([&] { return site.api.derive(site.alice, first, {{"name", "x"}}); }) == 409);
    CHECK(statusOf([&] { return site.api.create(site.bob, {{"name", "x"}}); }) == 201);
    CHECK(statusOf([&] { return site.api.create(site.all, {{"name", "x"}, {"owner", site.alice.owner}}); }) == 201);
    site.api.bulkRevoke(site.alice, {{"ids", {"n1", "n2"}}});
    CHECK(statusOf([&] { return site.api.create(site.alice, {{"name", "x"}}); }) == 201);
}
