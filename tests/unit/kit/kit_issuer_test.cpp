#include "kit/kit_issuer.hpp"

#include <catch2/catch.hpp>

#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

std::string subjectOf(const Verdict& verdict) {
    const auto* yes = std::get_if<Accepted>(&verdict);
    return yes ? yes->identity.subject : "nobody";
}

} // namespace

TEST_CASE("the issuer's good tokens are accepted, in every algorithm") {
    for (const char* name : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K",
                             "EdDSA", "HS256", "HS384", "HS512"}) {
        DYNAMIC_SECTION(name) {
            const KitIssuer& issuer = issuerFor(name);
            CHECK(subjectOf(rightJudge(issuer)(issuer.goodToken())) == "kit-user");
            CHECK(subjectOf(rightJudge(issuer)(issuer.goodTokenOf("alice"))) == "alice");
        }
    }
}

TEST_CASE("an issuer of several algorithms signs with each, and with the first when none is named") {
    const KitIssuer issuer(termsOf({"ES256", "EdDSA", "HS384"}));
    const JudgeOfTokens judge = rightJudge(issuer);
    for (const std::string& name : issuer.algorithms())
        CHECK(subjectOf(judge(issuer.sign(issuer.header(name), issuer.claims()))) == "kit-user");
    CHECK(issuer.firstAlgorithm() == "ES256");
    CHECK(issuer.goodToken().rfind(signingInput(issuer.header("ES256").dump(), ""), 0) == 0);
}

TEST_CASE("claims are good for ten minutes, and each has a jti of its own") {
    const KitIssuer& issuer = issuerFor("ES256");
    const Json first = issuer.claims(), second = issuer.claims();
    CHECK(first.at("jti") != second.at("jti"));
    CHECK(first.at("iss") == kitUrl);
    CHECK(first.at("aud") == kitAudience);
    CHECK(first.at("exp").get<std::int64_t>() - first.at("iat").get<std::int64_t>() == 600);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(wallNow().time_since_epoch()).count();
    CHECK(std::abs(now - first.at("iat").get<std::int64_t>()) <= 30);
}

TEST_CASE("the key set has a key for each algorithm that has a public half") {
    const KitIssuer issuer(termsOf({"HS256", "EdDSA", "ES256"}));
    const Json keys = issuer.keySet().at("keys");
    REQUIRE(keys.size() == 2);
    CHECK(keys.at(0).at("kid") == issuer.header("EdDSA").at("kid"));
    CHECK(keys.at(0).at("alg") == "EdDSA");
    CHECK(keys.at(1).at("kid") == issuer.header("ES256").at("kid"));
    CHECK(issuer.publicPem() == issuer.key("EdDSA").publicPem());
    CHECK_FALSE(issuer.header("HS256").contains("kid"));
    CHECK_THROWS_AS(issuer.key("HS256"), std::out_of_range);
    CHECK(issuerFor("HS256").publicPem().empty());
    CHECK(issuerFor("HS256").keySet() == Json{{"keys", Json::array()}});
}

TEST_CASE("a secret is long enough for every HS algorithm, and nobody else's") {
    CHECK(issuerFor("HS256").secret().size() == 64);
    CHECK(issuerFor("HS256").secret() != issuerFor("ES256").secret());
}

TEST_CASE("after a rotation a new key signs, and the old one is still published") {
    KitIssuer issuer(termsOf({"ES256", "EdDSA"}));
    const std::string before = issuer.goodToken();
    const JudgeOfTokens early = rightJudge(issuer);
    issuer.rotate();
    const std::string after = issuer.goodToken();
    CHECK(issuer.keySet().at("keys").size() == 3);
    CHECK(subjectOf(early(after)) == "nobody");
    for (const std::string& token : {before, after}) CHECK(subjectOf(rightJudge(issuer)(token)) == "kit-user");
    CHECK(subjectOf(early(issuer.sign(issuer.header("EdDSA"), issuer.claims()))) == "kit-user");
}

TEST_CASE("a secret is not rotated") {
    KitIssuer issuer(termsOf({"HS256"}));
    const JudgeOfTokens judge = rightJudge(issuer);
    issuer.rotate();
    CHECK(subjectOf(judge(issuer.goodToken())) == "kit-user");
    CHECK(issuer.keySet().at("keys").empty());
}

TEST_CASE("the stranger's key is none of the issuer's") {
    const KitIssuer& issuer = issuerFor("RS256");
    const std::string token = issuer.goodToken(), input = token.substr(0, token.rfind('.'));
    const std::string forged = compact(input, issuer.stranger().signature("RS256", input));
    CHECK(subjectOf(rightJudge(issuer)(forged)) == "nobody");
}

TEST_CASE("only HS algorithms are symmetric") {
    for (const char* name : {"HS256", "HS384", "HS512"}) CHECK(isSymmetric(name));
    for (const char* name : {"RS256", "ES256", "EdDSA", "", "hs256"}) CHECK_FALSE(isSymmetric(name));
}
