#include "kit/check_plan.hpp"

#include <catch2/catch.hpp>

#include <gatehouse/settings.hpp>

using namespace gatehouse;
using namespace gatehouse::kit;

namespace {

std::string faultOf(const Json& document) {
    try {
        checkPlanFrom(document);
    } catch (const SettingsError& fault) {
        return fault.what();
    }
    return {};
}

std::set<std::string> all(TokenKind kind) {
    const auto classes = classesOf(kind);
    return {classes.begin(), classes.end()};
}

} // namespace

TEST_CASE("a plan that says nothing checks everything of JWTs") {
    const CheckPlan plan = checkPlanFrom(Json::object());
    CHECK(plan.kind == TokenKind::jwt);
    CHECK(plan.algorithms == std::vector<std::string>{"RS256"});
    CHECK(plan.leewaySeconds == 60);
    CHECK(plan.classes == all(TokenKind::jwt));
    CHECK(plan.headers.empty());
    CHECK(plan.settings == Json::object());
    CHECK(plan.validators.empty());
    CHECK(checkPlanFrom(nullptr).classes == plan.classes); // an empty file
}

TEST_CASE("a plan says what the tokens are and what the validator is given") {
    const CheckPlan plan = checkPlanFrom({{"tokens", "jwt"},
                                          {"algorithms", {"ES256", "HS512"}},
                                          {"leeway_seconds", 0},
                                          {"headers", {{"X-Tenant", "a"}}},
                                          {"settings", {{"issuer", "${kit.issuer}"}}},
                                          {"validators", {{"oidc", {{"a", 1}}}}}});
    CHECK(plan.algorithms == std::vector<std::string>{"ES256", "HS512"});
    CHECK(plan.leewaySeconds == 0);
    CHECK(plan.headers == std::map<std::string, std::string>{{"X-Tenant", "a"}});
    CHECK(plan.settings == Json{{"issuer", "${kit.issuer}"}});
    CHECK(plan.validators == std::map<std::string, Json>{{"oidc", {{"a", 1}}}});
}

TEST_CASE("each kind of token has classes of its own, and those that all have") {
    struct Row {
        const char* name;
        TokenKind kind;
        std::set<std::string> own;
    };
    const std::set<std::string> shared{"strange", "identity", "secrecy",  "caching", "concurrency",
                                       "leaks",   "inline",   "exchange", "listed"};
    for (const Row& row : std::initializer_list<Row>{{"jwt",
                                                      TokenKind::jwt,
                                                      {"good", "signature", "algorithm", "header", "type", "time",
                                                       "audience", "issuer", "subject", "form", "provider"}},
                                                     {"opaque", TokenKind::opaque, {"introspection", "provider"}},
                                                     {"key", TokenKind::key, {"key", "comparison"}},
                                                     {"stored", TokenKind::stored, {"stored"}}}) {
        DYNAMIC_SECTION(row.name) {
            std::set<std::string> wanted = row.own;
            wanted.insert(shared.begin(), shared.end());
            const CheckPlan plan = checkPlanFrom({{"tokens", row.name}});
            CHECK(plan.kind == row.kind);
            CHECK(plan.classes == wanted);
            CHECK(classesOf(row.kind).size() == wanted.size());
        }
    }
}

TEST_CASE("classes are those that are named, without those that are left out") {
    CHECK(checkPlanFrom({{"classes", {"good", "time"}}}).classes == std::set<std::string>{"good", "time"});
    CHECK(checkPlanFrom({{"classes", "good"}}).classes == std::set<std::string>{"good"});
    CHECK(checkPlanFrom({{"classes", {"good", "time"}}, {"without", {"time"}}}).classes ==
          std::set<std::string>{"good"});
    CHECK(checkPlanFrom({{"classes", Json::array()}}).classes.empty());
    const CheckPlan plan = checkPlanFrom({{"without", {"leaks", "issuer"}}});
    CHECK(plan.classes.size() == classesOf(TokenKind::jwt).size() - 2);
    CHECK_FALSE(plan.has("leaks"));
    CHECK_FALSE(plan.has("issuer"));
    CHECK(plan.has("good"));
}

TEST_CASE("what cannot be meant is said with its name") {
    struct Row {
        const char* what;
        Json document;
        const char* words;
    };
    const char* key = R"(key comparison listed strange identity secrecy caching concurrency leaks inline exchange)";
    for (const Row& row : std::initializer_list<Row>{
             {"a kind",
              {{"tokens", "cookies"}},
              "tokens: expected jwt, opaque, key, stored or listed, got \"cookies\""},
             {"an algorithm", {{"algorithms", {"RS256", "none"}}}, "algorithms: expected some of RS256 RS384 "},
             {"a class", {{"tokens", "key"}, {"classes", {"good"}}}, "classes: expected some of key comparison "},
             {"a class left out", {{"without", {"key"}}}, "without: expected some of good signature "},
             {"leeway", {{"leeway_seconds", 301}}, "leeway_seconds: expected a whole number from 0 to 300, got 301"},
             {"no leeway", {{"leeway_seconds", -1}}, "leeway_seconds: expected a whole number from 0 to 300, got -1"},
             {"settings", {{"settings", {1}}}, "settings: expected a map, got "},
             {"headers", {{"headers", "a: b"}}, "headers: expected a map, got "},
             {"a header", {{"headers", {{"X-A", 1}}}}, "headers.X-A: expected a string, got 1"},
             {"validators", {{"validators", 1}}, "validators: expected a map, got "},
             {"a key", {{"setings", 1}}, "setings"},
             {"a list", Json::array(), ": expected a map, got array"}}) {
        DYNAMIC_SECTION(row.what) { CHECK_THAT(faultOf(row.document), Catch::StartsWith(row.words)); }
    }
    CHECK_THAT(faultOf({{"tokens", "key"}, {"classes", "x"}}),
               Catch::EndsWith(std::string("expected some of ") + key + ", got \"x\""));
}

TEST_CASE("values are put in the place of their names, in every text") {
    const KitValues values{{"a", "A"}, {"b", "${kit.a}"}};
    struct Row {
        Json given, filled;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"${kit.a}", "A"},
             {"x${kit.a}y${kit.a}", "xAyA"},
             {"${kit.b}", "${kit.a}"}, // once
             {"", ""},
             {"${a} kit.a $kit", "${a} kit.a $kit"},
             {5, 5},
             {nullptr, nullptr},
             {true, true},
             {{{"k", {"${kit.a}", {{"deep", "${kit.a}!"}}, 1}}}, {{"k", {"A", {{"deep", "A!"}}, 1}}}}}) {
        CHECK(filledIn(row.given, values) == row.filled);
    }
}

TEST_CASE("a name that the kit has not, or that is not closed, is told") {
    const KitValues values{{"a", "A"}};
    CHECK_THROWS_AS(filledIn("${kit.nothing}", values), SettingsError);
    CHECK_THROWS_WITH(filledIn({{"k", {"${kit.nothing}"}}}, values), "${kit.nothing}: the kit has no such value");
    CHECK_THROWS_WITH(filledIn("${kit.}", values), "${kit.}: the kit has no such value");
    CHECK_THROWS_WITH(filledIn("x ${kit.a and so on", values), "${kit.a and so on: it is not closed by }");
}

TEST_CASE("tokens of one's own stand beside those of a kind, or alone") {
    const CheckPlan beside = checkPlanFrom({{"good", {"g"}}, {"bad", {"b1", "b2"}}});
    CHECK(beside.kind == TokenKind::jwt);
    CHECK(beside.good == std::vector<std::string>{"g"});
    CHECK(beside.bad == std::vector<std::string>{"b1", "b2"});
    CHECK(beside.has("listed"));
    CHECK(beside.has("signature"));
    const CheckPlan alone = checkPlanFrom({{"tokens", "listed"}, {"good", "g"}});
    CHECK(alone.kind == TokenKind::listed);
    CHECK(alone.has("listed"));
    CHECK_FALSE(alone.has("signature"));
    CHECK(alone.has("concurrency"));
    CHECK_THROWS_WITH(checkPlanFrom({{"tokens", "listed"}, {"bad", "b"}}),
                      "good: missing; expected at least one token that must be accepted");
}
