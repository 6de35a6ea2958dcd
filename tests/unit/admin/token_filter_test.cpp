#include "admin/token_filter.hpp"

#include <catch2/catch.hpp>

#include "admin/token_api.hpp"
#include "support/sample_tokens.hpp"
#include "tokens/token_view.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using test::sampleTime;
using namespace std::chrono_literals;

namespace {

Json viewNamed(const std::string& name, const std::function<void(Json&)>& change = {}) {
    TokenEntry entry = test::sampleEntry("token-1", "text", sampleTime + 24h * 10);
    entry.record.note = name;
    entry.owner = "alice";
    Json view = viewOf(entry, sampleTime);
    if (change) change(view);
    return view;
}

bool takes(const Query& query, const Json& view, std::optional<std::chrono::seconds> expires = {},
           std::optional<std::chrono::seconds> unused = {}) {
    return TokenFilter(query, expires, unused, sampleTime).takes(view);
}

} // namespace

TEST_CASE("a list shows all but what was revoked, unless a status is asked for") {
    const Json active = viewNamed("a"), revoked = viewNamed("b", [](Json&view) { view["status"] = "revoked"; });
    CHECK(takes({}, active));
    CHECK_FALSE(takes({}, revoked));
    CHECK(takes({{"status", "revoked"}}, revoked));
    CHECK_FALSE(takes({{"status", "revoked"}}, active));
    CHECK_THROWS_AS(takes({{"status", "gone"}}, active), ApiError);
}

TEST_CASE("a word is looked for in name, description and id, in either case") {
    const Json view = viewNamed("Production API", [](Json& one) { one["description"] = "for the SHOP"; });
    for (const char* word : {"prod", "API", "shop", "token-1"}) CHECK(takes({{"q", word}}, view));
    CHECK_FALSE(takes({{"q", "staging"}}, view));
    CHECK(takes({{"owner", "alice"}}, view));
    CHECK_FALSE(takes({{"owner", "bob"}}, view));
}

TEST_CASE("what ends soon, and what was not used for long") {
    const Json view = viewNamed("a");
    CHECK(takes({}, view, 24h * 10));
    CHECK_FALSE(takes({}, view, 24h * 9));
    CHECK_FALSE(takes({}, viewNamed("never", [](Json& one) { one["expires_at"] = Json(); }), 24h * 10));
    CHECK_FALSE(takes({}, view, {}, 1h)); // it was made just now
    CHECK(takes({}, viewNamed("old", [](Json& one) { one["last_used_at"] = "2024-10-01T00:00:00Z"; }), {}, 24h * 20));
}

TEST_CASE("a bulk revocation wants a selection, and all of it holds") {
    const Json view = viewNamed("a");
    for (const char* wrong : {"{}", R"({"ids":5})", R"({"ids":[5]})", R"({"owner":5})", R"({"created_before":"soon"})"})
        CHECK_THROWS_AS(Selection(Json::parse(wrong)), ApiError);
    CHECK(Selection(Json({{"ids", {"token-1", "x"}}})).takes(view));
    CHECK_FALSE(Selection(Json({{"ids", Json::array()}})).takes(view));
    CHECK(Selection(Json({{"owner", "alice"}, {"created_before", "2024-11-01T00:00:00Z"}})).takes(view));
    CHECK_FALSE(Selection(Json({{"owner", "alice"}, {"created_before", "2024-10-01T00:00:00Z"}})).takes(view));
    CHECK_FALSE(Selection(Json({{"ids", {"token-1"}}, {"owner", "bob"}})).takes(view));
}
