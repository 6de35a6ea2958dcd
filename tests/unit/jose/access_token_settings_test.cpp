#include <catch2/catch.hpp>
#include <gatehouse/jose/access_token_settings.hpp>

#include <gatehouse/jose/access_token.hpp>

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace std::chrono_literals;

namespace {

AccessTokenRules read(const Json& settings, AccessTokenRules rules = {}) {
    readAccessTokenSettings(Settings(settings), "https://mcp.example.com/mcp", rules);
    return rules;
}
std::string complaint(const Json& settings) {
    try {
        read(settings);
        return "";
    } catch (const SettingsError& fault) {
        return fault.what();
    }
}

} // namespace

TEST_CASE("what is set is taken over") {
    const AccessTokenRules rules =
        read({{"issuer", {"https://a", "https://b"}},
              {"audience", {"{resource}", "api://x"}},
              {"algorithms", {"ES256", "PS512"}},
              {"leeway_seconds", 5},
              {"require_expiry", false},
              {"types", "at+jwt"},
              {"required_scopes", {"mcp", "read"}},
              {"claims", {{"subject", "oid"}, {"client", {"appid"}}, {"token_id", "uti"}, {"scopes", "roles"}}}});
    using Texts = std::vector<std::string>;
    CHECK(rules.claims.issuers == Texts{"https://a", "https://b"});
    CHECK(rules.claims.audiences == Texts{"https://mcp.example.com/mcp", "api://x"});
    CHECK(rules.algorithms == AlgorithmSet{Algorithm::ES256, Algorithm::PS512});
    CHECK(rules.claims.leeway == 5s);
    CHECK_FALSE(rules.claims.requiresExpiry);
    CHECK(rules.claims.types == Texts{"at+jwt"});
    CHECK(rules.requiredScopes == Texts{"mcp", "read"});
    CHECK(rules.mapping.subject == Texts{"oid"});
    CHECK(rules.claims.subjects == Texts{"oid"});
    CHECK(rules.mapping.client == Texts{"appid"});
    CHECK(rules.mapping.tokenId == Texts{"uti"});
    CHECK(rules.mapping.scopes == Texts{"roles"});
    CHECK_FALSE(rules.mapping.guessesScopes);
}

TEST_CASE("what is not set stays as it was") {
    AccessTokenRules before;
    before.algorithms = {Algorithm::RS256};
    before.claims.issuers = {"https://a"};
    before.claims.audiences = {"{resource}"};
    before.claims.requiresExpiry = false;
    before.claims.leeway = 7s;
    before.mapping.subject = {"sub", "user_id"};
    const AccessTokenRules after = read(Json::object(), before);
    CHECK(after.algorithms == before.algorithms);
    CHECK(after.claims.issuers == before.claims.issuers);
    CHECK(after.claims.audiences == std::vector<std::string>{"https://mcp.example.com/mcp"});
    CHECK_FALSE(after.claims.requiresExpiry);
    CHECK(after.claims.leeway == 7s);
    CHECK(after.claims.subjects == before.mapping.subject);
    CHECK(after.requiredScopes.empty());
    CHECK(after.mapping.guessesScopes);
}

TEST_CASE("J20 an algorithm that is none is an error, and so is none at all") {
    CHECK_THAT(complaint({{"algorithms", {"RS256", "none"}}}), Catch::StartsWith("algorithms: expected some of RS256"));
    CHECK_THAT(complaint({{"algorithms", Json::array()}}), Catch::StartsWith("algorithms: "));
    CHECK_THAT(complaint({{"algorithms", "rs256"}}), Catch::Contains("got \"rs256\""));
    CHECK_THAT(complaint({{"algorithms", {256}}}), Catch::Contains("a list of strings"));
}

TEST_CASE("J13 the leeway is at most five minutes") {
    CHECK(read({{"leeway_seconds", 300}}).claims.leeway == 300s);
    CHECK(read({{"leeway_seconds", 0}}).claims.leeway == 0s);
    for (const Json& odd : {Json(301), Json(-1), Json("60s"), Json(1.5)})
        CHECK_THAT(complaint({{"leeway_seconds", odd}}), Catch::Contains("a whole number from 0 to 300"));
}

TEST_CASE("a misspelt name of a claim's place is an error") {
    CHECK_THAT(complaint({{"claims", {{"subjects", "sub"}}}}), Catch::Contains("claims.subjects: unknown key"));
    CHECK_THAT(complaint({{"claims", "sub"}}), Catch::Contains("expected a map"));
    CHECK_THAT(complaint({{"require_expiry", "no"}}), Catch::Contains("true or false"));
}

TEST_CASE("the declared settings are those that are read, with the defaults of the rules") {
    const Json schema = Json::parse(R"({"properties": {)" GATEHOUSE_ACCESS_TOKEN_SETTINGS "}}");
    CHECK(read(withDefaults(Json::object(), schema)).claims.leeway == AccessTokenRules().claims.leeway);
    CHECK(read(withDefaults(Json::object(), schema)).claims.requiresExpiry == AccessTokenRules().claims.requiresExpiry);
    Json every = Json::object();
    for (const auto& property : schema["properties"].items()) every[property.key()] = nullptr;
    const Settings settings(every);
    AccessTokenRules rules;
    readAccessTokenSettings(settings, "https://mcp.example.com/mcp", rules);
    settings.refuseUnread(); // throws for a key that is declared and not read
    CHECK(every.size() == 8);
}
