#include "kit/token_class.hpp"

#include <catch2/catch.hpp>

#include "kit/check_plan.hpp"
#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

Json partOf(const std::string& token, std::size_t part) {
    const std::size_t first = token.find('.'), last = token.rfind('.');
    const std::string text = part == 0 ? token.substr(0, first) : token.substr(first + 1, last - first - 1);
    return Json::parse(fromBase64Url(text).value_or(""));
}

ClassMaker maker() { return {issuerFor("ES256"), "a name", "a source"}; }

bool isRightlySigned(const std::string& token) {
    auto rules = rulesFor(issuerFor("ES256"));
    const auto parsed = jose::parseJws(token);
    return !jose::verifyJws(std::get<jose::UnverifiedJws>(parsed), *keysOf(issuerFor("ES256")), rules.algorithms);
}

} // namespace

TEST_CASE("a class has its name, its source and its cases in their order") {
    ClassMaker make = maker();
    make.accept("the first", "a.b.c");
    make.accept("the second", "d", "anna");
    make.refuse("the third", "e");
    const TokenClass made = make.done();
    CHECK(made.name == "a name");
    CHECK(made.source == "a source");
    REQUIRE(made.cases.size() == 3);
    CHECK(made.cases[0].subject == "kit-user");
    CHECK(made.cases[1].subject == "anna");
    CHECK(made.cases[1].wanted == Wanted::accepted);
    CHECK(made.cases[2].what == "the third");
    CHECK(made.cases[2].token == "e");
    CHECK(made.cases[2].wanted == Wanted::refused);
}

TEST_CASE("a wrong claim or header is the only thing that is wrong with a token") {
    ClassMaker make = maker();
    make.refuseClaim("aud", 5, "a claim");
    make.refuseWithout("sub");
    make.refuseHeader("typ", "odd", "a header");
    const auto cases = make.done().cases;
    for (const TokenCase& one : cases) CHECK(isRightlySigned(one.token));
    Json claims = partOf(cases[0].token, 1);
    CHECK(claims.at("aud") == 5);
    CHECK(claims.at("sub") == "kit-user");
    claims = partOf(cases[1].token, 1);
    CHECK_FALSE(claims.contains("sub"));
    CHECK(claims.at("aud") == kitAudience);
    CHECK(cases[1].what == "a token without sub");
    CHECK(partOf(cases[2].token, 0).at("typ") == "odd");
    CHECK(partOf(cases[2].token, 0).at("alg") == "ES256");
}

TEST_CASE("texts of claims and headers stand in a token as they are, also when they are no JSON") {
    ClassMaker make = maker();
    make.refuseClaimText("exp", "1e400", "a claim");
    make.refuseClaimText("sub", "\"a\",\"sub\":\"b\"", "a claim twice");
    make.refuseHeaderText("{", "a header");
    const auto cases = make.done().cases;
    const auto text = [](const std::string& token, bool isHeader) {
        const std::size_t first = token.find('.'), last = token.rfind('.');
        return *fromBase64Url(isHeader ? token.substr(0, first) : token.substr(first + 1, last - first - 1));
    };
    CHECK_THAT(text(cases[0].token, false), Catch::StartsWith("{\"exp\":1e400,"));
    CHECK_THAT(text(cases[1].token, false), Catch::StartsWith("{\"sub\":\"a\",\"sub\":\"b\","));
    CHECK(text(cases[2].token, true) == "{");
    CHECK(isRightlySigned(cases[0].token));
}

TEST_CASE("the classes of JWTs have the names that a plan has for them") {
    const KitIssuer& issuer = issuerFor("ES256");
    const auto known = classesOf(TokenKind::jwt);
    for (const TokenClass& made :
         {goodTokens(issuer), wrongSignatures(issuer), wrongAlgorithms(issuer),
          wrongHeaders(issuer, "https://x.example"), wrongTypes(issuer), wrongTimes(issuer, 60), wrongAudiences(issuer),
          wrongIssuers(issuer), wrongSubjects(issuer), wrongForms(issuer), strangeTexts()}) {
        CHECK(std::count(known.begin(), known.end(), made.name) == 1);
        CHECK_FALSE(made.source.empty());
        const bool mayNameUnknownKeys = made.name == "header" || made.name == "signature";
        for (const TokenCase& one : made.cases) {
            if (one.wanted == Wanted::notAccepted && mayNameUnknownKeys) continue;
            if (one.wanted == Wanted::accepted && made.name == "header") continue; // members that nobody uses
            CHECK(one.wanted == (made.name == "good" ? Wanted::accepted : Wanted::refused));
        }
    }
}

TEST_CASE("C: a kid that nobody has published may be one that cannot be judged yet; any other wrong token is refused") {
    const KitIssuer& issuer = issuerFor("ES256");
    ClassMaker make(issuer, "header", "RFC 7515");
    make.refuseHeader("kid", "nobody's", "an unknown kid");
    make.refuseHeader("kid", issuer.header("ES256").at("kid"), "a known kid");
    make.refuseHeader("kid", 5, "no kid");
    const TokenClass made = make.done();
    CHECK(made.cases[0].wanted == Wanted::notAccepted);
    CHECK(made.cases[1].wanted == Wanted::refused);
    CHECK(made.cases[2].wanted == Wanted::refused);
}
