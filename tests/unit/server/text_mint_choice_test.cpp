#include "server/text_mint_choice.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/base64.hpp>
#include <gatehouse/settings.hpp>

#include "support/sample_tokens.hpp"
#include "tokens/checked_token.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const Json jwt{{"secret", "a secret of thirty-two bytes, or more"}, {"check_token_store", true}};

Config with(const Json& settings, std::vector<std::string> validators = {"jwt"}) {
    Config config;
    config.auth.tokenKind = "jwt";
    config.auth.validator = std::move(validators);
    config.auth.validators["jwt"] = settings;
    config.http.publicUrl = "https://mcp.example";
    return config;
}

Json claimsOf(const Config& config) {
    const std::string token = tokenMintOf(config)(sampleEntry("a", "a", sampleTime + 1h));
    const std::size_t first = token.find('.');
    return Json::parse(*fromBase64Url(token.substr(first + 1, token.rfind('.') - first - 1)));
}

} // namespace

TEST_CASE("a token is opaque unless that is said") {
    CHECK(isCheckedToken(tokenMintOf(Config())(sampleEntry("a", "a")), "gth_"));
    Config odd;
    odd.auth.tokenKind = "paseto";
    CHECK_THROWS_WITH(tokenMintOf(odd), Catch::Contains("expected opaque or jwt, got \"paseto\""));
}

TEST_CASE("a JWT is made for the validator that takes it, its audience and its issuer") {
    CHECK(claimsOf(with(jwt))["aud"] == "https://mcp.example/mcp");
    Json own = jwt;
    own["audience"] = {"mine", "other"};
    own["issuer"] = "https://issuer.example";
    CHECK(claimsOf(with(own))["aud"] == "mine");
    CHECK(claimsOf(with(own, {"static_file", "jwt"}))["iss"] == "https://issuer.example");
}

TEST_CASE("what manages tokens is no JWT") {
    TokenEntry manager = sampleEntry("m", "m");
    manager.purpose = TokenPurpose::manage;
    CHECK(isCheckedToken(tokenMintOf(with(jwt))(manager), "gth_"));
}

TEST_CASE("JWTs that nobody would take, or that outlive their record, are not made") {
    Json unchecked = jwt, unsigned_ = jwt;
    unchecked["check_token_store"] = false;
    unsigned_.erase("secret");
    for (const Config& config : {with(unchecked), with(unsigned_), with(jwt, {"static_file"})})
        CHECK_THROWS_WITH(tokenMintOf(config), Catch::Contains("auth.tokens.kind: jwt needs the validator jwt"));
}
