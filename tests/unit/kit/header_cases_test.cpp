#include <catch2/catch.hpp>

#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

const std::string trap = "https://id.example/trap";

Json headerOf(const std::string& token) {
    return Json::parse(fromBase64Url(token.substr(0, token.find('.'))).value_or(""), nullptr, false);
}

} // namespace

TEST_CASE("a right validator refuses every wrong header and every other kind of token") {
    for (const std::string& algorithm : eachKind) {
        DYNAMIC_SECTION(algorithm) {
            const KitIssuer& issuer = issuerFor(algorithm);
            for (const TokenClass& made : {wrongHeaders(issuer, trap), wrongTypes(issuer)}) {
                CHECK(made.cases.size() > 10);
                CHECK(twins(made).empty());
                CHECK(misjudged(made, rightJudge(issuer)).empty());
            }
        }
    }
}

TEST_CASE("the classes of headers have the names that a check's settings have for them") {
    CHECK(wrongHeaders(issuerFor("ES256"), trap).name == "header");
    CHECK(wrongTypes(issuerFor("ES256")).name == "type");
}

TEST_CASE("the trap is named by tokens that say where their keys are, and by no others") {
    std::size_t named = 0;
    for (const TokenCase& one : wrongHeaders(issuerFor("RS256"), trap).cases) {
        const Json header = headerOf(one.token);
        if (!header.is_object()) continue;
        const bool isTrap = header.value("jku", Json()) == trap || header.value("x5u", Json()) == trap;
        if (isTrap) ++named;
        CHECK(isTrap == (one.what.find("a token that says where its") == 0));
    }
    CHECK(named == 8);
}

TEST_CASE("a kid that asks for a file, a query or a NUL is among the strange ones") {
    Words kids;
    for (const TokenCase& one : wrongHeaders(issuerFor("ES256"), trap).cases) {
        const Json header = headerOf(one.token);
        if (header.is_object() && header.contains("kid") && header.at("kid").is_string())
            kids.insert(header.at("kid").get<std::string>());
    }
    for (const std::string& kid : {std::string("/dev/null"), std::string("' OR 1=1 --"), std::string(1, '\0')})
        CHECK(kids.count(kid) == 1);
}

TEST_CASE("who takes a key that a token brings along is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    const auto wrong = misjudged(wrongHeaders(issuer, trap), [&](const std::string& token) -> Verdict {
        const Json header = headerOf(token);
        const bool brings = header.is_object() && header.contains("jwk");
        return brings ? Verdict(Accepted{}) : rightJudge(issuer)(token);
    });
    CHECK(wrong == Words{"a token that brings its own key (jwk)"});
}

TEST_CASE("D02: who refuses a token for a header member that is not used is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    const auto wrong = misjudged(wrongHeaders(issuer, trap), [&](const std::string& token) -> Verdict {
        const Json header = headerOf(token);
        const bool isFeared = header.is_object() && (header.contains("x5u") || header.contains("cty"));
        return isFeared ? Verdict(Rejected{}) : rightJudge(issuer)(token);
    });
    CHECK(wrong == Words{"a token that says where its certificate is as well (x5u), signed by a known key",
                         "a token whose cty is not JWT"});
}

TEST_CASE("who does not know crit, and takes what must be understood, is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    const auto wrong = misjudged(wrongHeaders(issuer, trap), [&](const std::string& token) -> Verdict {
        const Json header = headerOf(token);
        const bool isCritical = header.is_object() && header.value("crit", Json()) == Json::array({"kit-unknown"});
        return isCritical ? Verdict(Accepted{}) : rightJudge(issuer)(token);
    });
    CHECK(wrong ==
          Words{"a token with a crit that cannot be obeyed", "a token with an extension that must be understood"});
}

TEST_CASE("who takes every type of token, or ID tokens, is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    auto anyType = rulesFor(issuer), idTokens = rulesFor(issuer);
    anyType.claims.types = {"JWT", "logout+jwt", "dpop+jwt"};
    idTokens.claims.takesIdTokens = true;
    CHECK(misjudged(wrongTypes(issuer), judgeBy(keysOf(issuer), anyType)) ==
          Words{"a token of type application/logout+jwt", "a token of type dpop+jwt", "a token of type logout+jwt"});
    CHECK(misjudged(wrongTypes(issuer), judgeBy(keysOf(issuer), idTokens)).count("an ID token (typ)") == 1);
}
