#include <catch2/catch.hpp>

#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

TEST_CASE("a right validator accepts every good token, and names whom it is of") {
    for (const std::string& algorithm : eachKind) {
        DYNAMIC_SECTION(algorithm) {
            const KitIssuer& issuer = issuerFor(algorithm);
            const TokenClass good = goodTokens(issuer);
            CHECK(good.name == "good");
            CHECK(good.cases.size() == 13);
            CHECK(twins(good).empty());
            for (const TokenCase& one : good.cases) {
                INFO(one.what);
                const Verdict verdict = rightJudge(issuer)(one.token);
                if (const auto* no = std::get_if<Rejected>(&verdict)) FAIL(no->detail);
                REQUIRE(std::holds_alternative<Accepted>(verdict));
                CHECK(std::get<Accepted>(verdict).identity.subject == one.subject);
                CHECK(one.wanted == Wanted::accepted);
            }
        }
    }
}

TEST_CASE("each algorithm of an issuer has a good token") {
    const KitIssuer issuer(termsOf({"ES256", "EdDSA", "HS256"}));
    const TokenClass good = goodTokens(issuer);
    for (std::size_t i = 0; i < issuer.algorithms().size(); ++i)
        CHECK(good.cases.at(i).what == "a good token signed with " + issuer.algorithms().at(i));
    CHECK(misjudged(good, rightJudge(issuer)).empty());
}

TEST_CASE("who refuses good tokens is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    const TokenClass good = goodTokens(issuer);
    auto typed = rulesFor(issuer);
    typed.claims.types = {"JWT"};
    const auto shortOnly = [&](const std::string& token) -> Verdict {
        return token.size() > 4096 ? Verdict(Rejected{}) : rightJudge(issuer)(token);
    };
    CHECK(misjudged(good, shortOnly) == Words{"a token of 6 KiB"});
    CHECK(misjudged(good, judgeBy(keysOf(issuer), typed)) == Words{"a token without typ"});
    CHECK(misjudged(good, [](const std::string&) { return Rejected{}; }).size() == 9);
}
