#include "validators/introspection/introspection_validator.hpp"

#include <catch2/catch.hpp>

#include "support/declared_settings.hpp"
#include "support/scripted_host.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using introspection::IntrospectionValidator;

namespace {

const std::string endpoint = "https://idp.example/introspect", us = "https://mcp.example.com/mcp";

Json settingsWith(const Json& more = Json::object()) {
    Json settings{{"endpoint", endpoint}, {"client_id", "gatehouse"}, {"client_secret", "secret"}};
    settings.update(more);
    return settings;
}

struct Scene {
    ScriptedHost host;
    IntrospectionValidator validator;
    explicit Scene(const Json& more = Json::object())
        : validator(settingsFor<IntrospectionValidator>(settingsWith(more)), host) {}

    std::int64_t now() const { return secondsOf(host.now()); }
    void answer(const Json& more) {
        Json body{{"active", true}, {"sub", "anna"}, {"aud", us}, {"exp", now() + 3600}};
        body.update(more);
        host.answer(endpoint, body);
    }
    Verdict verdict(const std::string& token = "opaque") { return validator.validate(requestWith(token)); }
};

} // namespace

TEST_CASE("an active token is whom the server says, and is asked about with our credentials") {
    Scene scene(Json{{"required_scopes", {"read"}}, {"issuer", "https://idp.example"}});
    scene.answer({{"client_id", "app"}, {"scope", "a b"}});
    const auto yes = std::get<Accepted>(scene.verdict());
    CHECK(yes.identity.subject == "anna");
    CHECK(yes.identity.clientId == "app");
    CHECK(yes.identity.issuer == "https://idp.example");
    CHECK(yes.identity.scopes == std::vector<std::string>{"a", "b"});
    CHECK(yes.requiredScopes == std::vector<std::string>{"read"});
    const auto asked = scene.host.asked();
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].method == "POST");
    CHECK(asked[0].body == "token=opaque&token_type_hint=access_token");
    CHECK(asked[0].timeout == 5s);
    CHECK_FALSE(asked[0].publicOnly); // the operator wrote the URL
}

TEST_CASE("G01: a good answer is kept for cache_seconds, and never past the end of the token") {
    struct Row {
        std::int64_t cache, life;
        std::chrono::seconds kept;
    };
    for (const Row& row : std::initializer_list<Row>{
             {60, 3600, 60s}, {60, 30, 40s}, {0, 3600, 0s}, {3600, 100, 110s}}) { // 10 s of leeway
        Scene scene(Json{{"cache_seconds", row.cache}});
        scene.answer({{"exp", scene.now() + row.life}});
        const Verdict verdict = scene.verdict();
        REQUIRE(wordFor(verdict) == "accepted");
        CHECK(keptFor(verdict, scene.host.now()) == row.kept);
    }
    Scene usual;
    usual.answer(Json::object());
    CHECK(keptFor(usual.verdict(), usual.host.now()) == 60s);
    Scene endless(Json{{"require_expiry", false}});
    endless.host.answer(endpoint, Json{{"active", true}, {"sub", "anna"}, {"aud", us}});
    CHECK(keptFor(endless.verdict(), endless.host.now()) == 60s);
}

TEST_CASE("G01: a refusal is kept for reject_seconds") {
    for (const auto& [setting, kept] : {std::pair(Json::object(), 10s), std::pair(Json{{"reject_seconds", 0}}, 0s),
                                        std::pair(Json{{"reject_seconds", 99}}, 99s)}) {
        Scene scene(setting);
        scene.host.answer(endpoint, Json{{"active", false}});
        const Verdict verdict = scene.verdict();
        REQUIRE(wordFor(verdict) == "unknown");
        CHECK(keptFor(verdict, scene.host.now()) == kept);
    }
}

TEST_CASE("D05: times are judged with leeway_seconds, 10 when it is not set") {
    for (const auto& [setting, leeway] : {std::pair(Json::object(), 10s), std::pair(Json{{"leeway_seconds", 0}}, 0s),
                                          std::pair(Json{{"leeway_seconds", 60}}, 60s)}) {
        Scene scene(setting);
        scene.answer({{"exp", scene.now() + 100}, {"nbf", scene.now() + leeway.count()}});
        CHECK(wordFor(scene.verdict()) == "accepted");
        scene.answer({{"nbf", scene.now() + leeway.count() + 1}});
        CHECK(wordFor(scene.verdict()) == "forbidden");
        scene.answer({{"exp", scene.now() + 100}});
        scene.host.clock.turn(100s + leeway - 1ms);
        CHECK(wordFor(scene.verdict()) == "accepted");
        scene.host.clock.turn(1ms);
        CHECK(wordFor(scene.verdict()) == "expired");
    }
    CHECK_THAT(refusalOf<IntrospectionValidator>(settingsWith({{"leeway_seconds", 301}}), ScriptedHost()),
               Catch::StartsWith("leeway_seconds: "));
}

TEST_CASE("D05: the refusal of a token that is not valid yet is not kept, and ends with its time") {
    Scene scene;
    for (const char* claim : {"nbf", "iat"}) {
        scene.answer({{claim, scene.now() + 30}});
        const Verdict early = scene.verdict();
        CHECK(wordFor(early) == "forbidden");
        CHECK(keptFor(early, scene.host.now()) == 0s);
        scene.host.clock.turn(20s);
        CHECK(wordFor(scene.verdict()) == "accepted");
    }
}

TEST_CASE("G01: what is no answer says nothing of the token, and is not kept") {
    Scene scene;
    CHECK(wordFor(scene.verdict()) == "unavailable"); // nobody is there
    for (const int status : {204, 401, 403, 404, 500, 503}) {
        scene.host.answer(endpoint, Json{{"active", true}}, status);
        CHECK(wordFor(scene.verdict()) == "unavailable");
    }
    scene.host.answer(endpoint, FetchAnswer{200, R"({"active":true,"active":false})", ""});
    CHECK(wordFor(scene.verdict()) == "unavailable");
}

TEST_CASE("D03: an issuer that is null is as absent") {
    Scene scene;
    scene.answer({{"iss", nullptr}});
    CHECK(std::get<Accepted>(scene.verdict()).identity.issuer == endpoint);
    scene.answer({{"iss", 5}});
    CHECK(wordFor(scene.verdict()) == "malformed");
}

TEST_CASE("the issuer of the answer is whose subject it is") {
    Scene scene;
    const auto identityOf = [&](const Json& more) {
        scene.answer(more);
        return std::get<Accepted>(scene.verdict()).identity;
    };
    const Identity one = identityOf({{"iss", "https://one.example"}});
    CHECK(one.issuer == "https://one.example");
    CHECK(one.isolationKey != identityOf({{"iss", "https://two.example"}}).isolationKey);
    CHECK(one.isolationKey == identityOf({{"iss", "https://one.example"}}).isolationKey);
}

TEST_CASE("active is true and nothing else (RFC 7662 section 2.2)") {
    Scene scene;
    for (const Json& odd : {Json("true"), Json("false"), Json(1), Json(), Json{true}, Json::object(), Json(false)}) {
        scene.answer({{"active", odd}});
        INFO(odd.dump());
        CHECK(wordFor(scene.verdict()) == "unknown");
    }
    scene.host.answer(endpoint, Json{{"sub", "anna"}, {"aud", us}, {"exp", scene.now() + 3600}});
    CHECK(wordFor(scene.verdict()) == "unknown");
}

TEST_CASE("an active token of another audience, of none, or without an end is refused") {
    Scene scene;
    scene.answer({{"aud", "https://other.example"}});
    CHECK(wordFor(scene.verdict()) == "wrong audience");
    scene.host.answer(endpoint, Json{{"active", true}, {"sub", "anna"}, {"exp", scene.now() + 3600}});
    CHECK(wordFor(scene.verdict()) == "wrong audience");
    scene.host.answer(endpoint, Json{{"active", true}, {"sub", "anna"}, {"aud", us}});
    CHECK(wordFor(scene.verdict()) == "malformed");
    Scene named(Json{{"audience", "{resource}"}});
    named.answer(Json::object());
    CHECK(wordFor(named.verdict()) == "accepted");
}

TEST_CASE("a JWT is left to others where only opaque tokens are asked about") {
    Scene scene(Json{{"opaque_only", true}});
    scene.answer(Json::object());
    CHECK(wordFor(scene.verdict("a.b.c")) == "not mine");
    CHECK(scene.host.asked().empty());
    CHECK(wordFor(scene.verdict()) == "accepted");
}
