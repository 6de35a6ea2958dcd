#include "validators/oidc/oidc_validator.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "support/declared_settings.hpp"
#include "support/notification.hpp"
#include "support/scripted_host.hpp"
#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using oidc::OidcValidator;

namespace {

const std::string issuer = "https://idp.example", us = "https://mcp.example.com/mcp";
const std::string document = issuer + "/.well-known/openid-configuration";
const std::string oldKeys = issuer + "/jwks", newKeys = issuer + "/moved/jwks";

// The keys are loaded by the constructor (startup: strict), and then by the key set's own thread when a kid is unknown.
struct Scene {
    ScriptedHost host;
    std::unique_ptr<OidcValidator> validator;

    Scene() {
        publish(oldKeys, {"a"});
        discoveryNames(oldKeys);
    }
    void discoveryNames(const std::string& uri) { host.answer(document, Json{{"issuer", issuer}, {"jwks_uri", uri}}); }
    void publish(const std::string& uri, const std::vector<std::string>& ids) {
        Json keys = Json::array();
        for (const std::string& id : ids) keys.push_back(keyFor("ES256").jwk({{"kid", id}}));
        host.answer(uri, Json{{"keys", keys}});
    }
    void fail(const std::string& url) { host.answer(url, FetchFault{"connection refused"}); }
    void make(const Json& more = Json::object()) {
        Json settings{{"issuer", issuer}, {"startup", "strict"}};
        settings.update(more);
        validator = std::make_unique<OidcValidator>(settingsFor<OidcValidator>(settings), host,
                                                    [this] { return host.clock.steady(); });
    }
    std::string token(const std::string& kid = "a", const Json& more = Json::object()) const {
        Json claims{{"iss", issuer}, {"sub", "anna"}, {"aud", us}, {"exp", 4102444800}};
        claims.update(more);
        for (const auto& item : more.items())
            if (item.value().is_null()) claims.erase(item.key());
        return mint({{"alg", "ES256"}, {"kid", kid}}, claims);
    }
    // Asks for a key that is not there until the key set's own thread has asked this URL.
    void lookFor(const std::string& kid, const std::string& url) {
        host.forget();
        const auto deadline = std::chrono::steady_clock::now() + generous;
        while (host.timesAsked(url) == 0 && std::chrono::steady_clock::now() < deadline) {
            wordFor(*validator, token(kid));
            std::this_thread::yield();
        }
        REQUIRE(host.timesAsked(url) > 0);
    }
    // A look for new keys that takes long, as on a busy machine, is waited for.
    std::string word(const std::string& token) const {
        std::string word = "unavailable";
        for (int i = 0; i < 30 && word == "unavailable"; ++i) word = wordFor(*validator, token);
        return word;
    }
};

} // namespace

TEST_CASE("a token of the issuer is accepted, and kept for as long as a key may be gone unnoticed") {
    Scene scene;
    scene.make({{"refresh_seconds", 120}});
    const Verdict verdict = scene.validator->validate(requestWith(scene.token()));
    REQUIRE(wordFor(verdict) == "accepted");
    CHECK(keptFor(verdict, scene.host.now()) == 120s);
    CHECK(scene.word(scene.token("a", {{"iss", "https://other.example"}})) == "not mine");
    CHECK(scene.word("opaque") == "not mine");
    CHECK(scene.validator->traits().authorizationServers == std::vector<std::string>{issuer});
}

TEST_CASE("G03: keys count up to max_stale_seconds, and then nothing is said") {
    for (const auto& [setting, age] :
         {std::pair(Json::object(), std::chrono::seconds(24h)), std::pair(Json{{"max_stale_seconds", 600}}, 600s)}) {
        Scene scene;
        scene.make(setting);
        scene.fail(document);
        scene.fail(oldKeys);
        scene.host.clock.turn(age);
        CHECK(scene.word(scene.token()) == "accepted");
        scene.host.clock.turn(1ms);
        CHECK(scene.word(scene.token()) == "unavailable");
    }
}

TEST_CASE("G03: keys that moved to another jwks_uri are found, although the old one still answers") {
    Scene scene;
    scene.make();
    CHECK(scene.word(scene.token("b")) == "bad signature"); // looked for, and nowhere
    scene.publish(newKeys, {"b"});
    scene.discoveryNames(newKeys);
    scene.host.clock.turn(1min);
    scene.host.forget();
    CHECK(scene.word(scene.token("b")) == "accepted");
    CHECK(scene.word(scene.token("a")) != "accepted");
    CHECK(scene.host.timesAsked(oldKeys) == 0);
}

TEST_CASE("G03: keys that moved are found also where the old jwks_uri is gone") {
    Scene scene;
    scene.make();
    scene.publish(newKeys, {"b"});
    scene.discoveryNames(newKeys);
    scene.fail(oldKeys);
    CHECK(scene.word(scene.token("b")) == "accepted");
}

TEST_CASE("G03: while the discovery document cannot be had, or is wrong, the last jwks_uri holds") {
    struct Row {
        const char *what, *kid;
        FetchResult document;
    };
    const Json evil{{"issuer", "https://evil.example"}, {"jwks_uri", newKeys}};
    Scene scene;
    scene.make();
    for (const Row& row : std::initializer_list<Row>{{"nobody is there", "b", FetchFault{"timed out"}},
                                                     {"a failure", "c", FetchAnswer{500, "", ""}},
                                                     {"another issuer's", "d", FetchAnswer{200, evil.dump(), ""}}}) {
        INFO(row.what);
        scene.host.clock.turn(1min);
        scene.host.answer(document, row.document);
        scene.publish(oldKeys, {"a", row.kid});
        scene.host.forget();
        CHECK(scene.word(scene.token(row.kid)) == "accepted");
        CHECK(scene.host.timesAsked(oldKeys) == 1);
        CHECK(scene.host.timesAsked(newKeys) == 0);
        for (const FetchRequest& asked : scene.host.asked())
            if (asked.url == document) CHECK(asked.timeout == 1s); // nobody waits long for what is known
    }
}

TEST_CASE("G03: once the keys themselves cannot be had, nothing hurries the search for where they are") {
    Scene scene;
    scene.make();
    scene.fail(oldKeys);
    scene.lookFor("b", oldKeys);
    scene.host.clock.turn(1min);
    scene.lookFor("b", document);
    CHECK(scene.host.asked().at(0).url == document);
    CHECK(scene.host.asked().at(0).timeout == 5s);
}

TEST_CASE("a document that cannot be had at the start is none, and names what was asked") {
    Scene scene;
    scene.fail(document);
    CHECK_THAT(refusalOf<OidcValidator>({{"issuer", issuer}, {"startup", "strict"}}, scene.host),
               Catch::Contains(document + ": connection refused"));
    CHECK(scene.host.asked().at(0).timeout == 5s);
}

TEST_CASE("D06: a jwks_uri of the settings may be anywhere, one of the document only at the issuer or in public") {
    struct Row {
        const char *what, *uri;
        bool publicOnly;
    };
    for (const Row& row : std::initializer_list<Row>{{"the issuer's own", "https://idp.example/jwks", false},
                                                     {"in capitals", "https://IDP.example/jwks", false},
                                                     {"with the usual port", "https://idp.example:443/jwks", false},
                                                     {"another port", "https://idp.example:8443/jwks", true},
                                                     {"another host", "https://10.0.0.7/jwks", true},
                                                     {"a longer name", "https://idp.example.evil/jwks", true},
                                                     {"a user", "https://idp.example@10.0.0.7/jwks", true},
                                                     {"another scheme", "http://idp.example/jwks", true}}) {
        DYNAMIC_SECTION(row.what) {
            for (const bool isOperators : {false, true}) {
                Scene scene;
                scene.discoveryNames(row.uri);
                scene.publish(row.uri, {"a"});
                scene.make(isOperators ? Json{{"jwks_uri", row.uri}} : Json::object());
                CHECK(scene.word(scene.token()) == "accepted");
                CHECK(scene.host.timesAsked(document) == (isOperators ? 0 : 1));
                CHECK(scene.host.asked().back().url == row.uri);
                CHECK(scene.host.asked().back().publicOnly == (row.publicOnly && !isOperators));
            }
        }
    }
}

TEST_CASE("D04: an access token of Cognito is judged by its client_id") {
    Scene scene;
    scene.make({{"profile", "cognito"}, {"client_id", {"app", "other"}}});
    const Json access{{"aud", nullptr}, {"client_id", "app"}, {"token_use", "access"}};
    const auto with = [&](const Json& more) {
        Json claims = access;
        claims.update(more);
        return scene.token("a", claims);
    };
    const Verdict verdict = scene.validator->validate(
        requestWith(with({{"scope", "read"}, {"cognito:groups", {"admins"}}, {"username", "u"}})));
    REQUIRE(wordFor(verdict) == "accepted");
    CHECK(std::get<Accepted>(verdict).identity.clientId == "app");
    CHECK(std::get<Accepted>(verdict).identity.scopes == std::vector<std::string>{"admins", "read"});
    CHECK(scene.word(with({{"client_id", "other"}})) == "accepted");
    for (const Json& stranger : {Json("stranger"), Json(""), Json("APP"), Json("app "), Json("app other")})
        CHECK(scene.word(with({{"client_id", stranger}})) == "wrong audience");
    CHECK(scene.word(with({{"client_id", nullptr}})) == "wrong audience");
    CHECK(scene.word(with({{"client_id", {"app"}}})) == "malformed");
    for (const Json& use : {Json("id"), Json("Access"), Json(5), Json(nullptr)})
        CHECK(scene.word(with({{"token_use", use}})) == "malformed");
}

TEST_CASE("D04: without a client id that profile does not start, and an audience is asked for as well") {
    const ScriptedHost host;
    const Json bare{{"issuer", issuer}, {"profile", "cognito"}};
    const auto refusal = [&](const Json& more) {
        Json settings = bare;
        settings.update(more);
        return refusalOf<OidcValidator>(settings, host);
    };
    CHECK_THAT(refusal(Json::object()), Catch::StartsWith("client_id: missing"));
    CHECK_THAT(refusal({{"audience", us}}), Catch::StartsWith("client_id: missing"));
    CHECK_THAT(refusal({{"client_id", Json::array()}}), Catch::StartsWith("client_id: "));
    CHECK_THAT(refusal({{"client_id", " "}}), Catch::StartsWith("client_id: "));
    CHECK_THAT(refusal({{"client_id", 5}}), Catch::StartsWith("client_id: "));
    CHECK(refusal({{"client_id", "app"}}).empty());
    Scene scene;
    scene.make({{"profile", "cognito"}, {"client_id", "app"}, {"audience", us}});
    const Json access{{"client_id", "app"}, {"token_use", "access"}};
    CHECK(scene.word(scene.token("a", access)) == "accepted");
    CHECK(scene.word(scene.token("a", {{"client_id", "app"}, {"token_use", "access"}, {"aud", nullptr}})) ==
          "wrong audience");
    CHECK(scene.word(scene.token("a", {{"token_use", "access"}})) == "wrong audience");
}

TEST_CASE("D04: ID tokens are taken of Google only, and where that is asked for") {
    const std::string google = "https://accounts.google.com";
    CHECK_THAT(refusalOf<OidcValidator>({{"issuer", google}}, ScriptedHost()), Catch::StartsWith("profile: "));
    CHECK(refusalOf<OidcValidator>({{"issuer", google}, {"profile", "google"}}, ScriptedHost()).empty());
    for (const auto& [profile, mark] :
         {std::pair("entra", "azp"), std::pair("entra", "appid"), std::pair("okta", "cid")}) {
        Scene scene;
        scene.make({{"profile", profile}});
        CHECK(scene.word(scene.token("a", {{"nonce", "n"}, {"at_hash", "h"}})) == "malformed");
        CHECK(scene.word(scene.token("a", {{"nonce", "n"}, {"at_hash", "h"}, {mark, "app"}})) == "accepted");
    }
}

TEST_CASE("D03: claims for scopes that a profile or the settings name must have their shape") {
    const Json odd{{"cid", "app"}, {"scp", 5}, {"scope", "read"}, {"groups", {"a"}}};
    Scene scene;
    scene.make();
    CHECK(scene.word(scene.token("a", odd)) == "accepted");
    scene.make({{"profile", "okta"}});
    CHECK(scene.word(scene.token("a", odd)) == "malformed");
    scene.make({{"claims", {{"scopes", {"scope", "scp"}}}}});
    CHECK(scene.word(scene.token("a", odd)) == "malformed");
}

TEST_CASE("settings that would take everybody's tokens, or nobody's, are refused") {
    const ScriptedHost host;
    CHECK_THAT(refusalOf<OidcValidator>({{"issuer", {"https://a", "https://b"}}}, host), Catch::StartsWith("issuer: "));
    CHECK_THAT(refusalOf<OidcValidator>({{"issuer", issuer}, {"audience", Json::array()}}, host),
               Catch::StartsWith("audience: "));
    CHECK_THAT(refusalOf<OidcValidator>({{"issuer", issuer}, {"profile", "cognitoo"}}, host),
               Catch::StartsWith("profile: "));
    CHECK_THAT(refusalOf<OidcValidator>({{"issuer", issuer}, {"startup", "later"}}, host),
               Catch::StartsWith("startup: "));
}
