#include <catch2/catch.hpp>

#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

constexpr std::int64_t leeway = 60;

struct Row {
    std::string name;
    TokenClass made;
};
std::vector<Row> classesOf(const KitIssuer& issuer) {
    return {{"time", wrongTimes(issuer, leeway)},
            {"audience", wrongAudiences(issuer)},
            {"issuer", wrongIssuers(issuer)},
            {"subject", wrongSubjects(issuer)}};
}

Words misjudgedBy(const KitIssuer& issuer, const TokenClass& made, void (*spoil)(jose::ClaimRules&)) {
    auto rules = rulesFor(issuer);
    spoil(rules.claims);
    return misjudged(made, judgeBy(keysOf(issuer), rules));
}

} // namespace

TEST_CASE("a right validator refuses every wrong claim, in each kind of algorithm") {
    for (const std::string& algorithm : eachKind) {
        DYNAMIC_SECTION(algorithm) {
            const KitIssuer& issuer = issuerFor(algorithm);
            for (const auto& [name, made] : classesOf(issuer)) {
                INFO(name);
                CHECK(made.name == name);
                CHECK(made.cases.size() >= 9);
                CHECK(twins(made).empty());
                CHECK(misjudged(made, rightJudge(issuer)).empty());
            }
        }
    }
}

TEST_CASE("times are wrong by more than the leeway, whatever it is") {
    const KitIssuer& issuer = issuerFor("ES256");
    for (const std::int64_t seconds : {0, 60, 300}) {
        auto rules = rulesFor(issuer);
        rules.claims.leeway = std::chrono::seconds(seconds);
        CHECK(misjudged(wrongTimes(issuer, seconds), judgeBy(keysOf(issuer), rules)).empty());
        rules.claims.leeway = std::chrono::seconds(seconds + 30);
        CHECK(misjudged(wrongTimes(issuer, seconds), judgeBy(keysOf(issuer), rules)) ==
              Words{"a token that has expired"});
        rules.claims.leeway = std::chrono::seconds(seconds + 90);
        CHECK(misjudged(wrongTimes(issuer, seconds), judgeBy(keysOf(issuer), rules)) ==
              Words{"a token that has expired", "a token that is not valid yet (nbf)"});
    }
}

TEST_CASE("who leaves out a rule is found out by its class") {
    const KitIssuer& issuer = issuerFor("ES256");
    CHECK(misjudgedBy(issuer, wrongTimes(issuer, leeway), [](auto& rules) { rules.requiresExpiry = false; }) ==
          Words{"a token without exp"});
    const auto anyone = misjudgedBy(issuer, wrongAudiences(issuer), [](auto& rules) { rules.audiences.clear(); });
    for (const char* what :
         {"a token without aud", "a token for another audience", "a token for a list of other audiences"})
        CHECK(anyone.count(what) == 1);
    CHECK(misjudgedBy(issuer, wrongIssuers(issuer), [](auto& rules) {
              rules.issuers.clear();
          }).count("a token of another issuer") == 1);
    CHECK(misjudgedBy(issuer, wrongSubjects(issuer), [](auto& rules) { rules.subjects = {"client_id"}; }) ==
          Words{"a token whose sub is a list", "a token whose sub is empty", "a token whose sub is no text",
                "a token without sub"});
}

TEST_CASE("who takes an audience or an issuer that is nearly right is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    auto rules = rulesFor(issuer);
    rules.claims.audiences.push_back(kitAudience + "/");
    CHECK(misjudged(wrongAudiences(issuer), judgeBy(keysOf(issuer), rules)) ==
          Words{"a token for a list of other audiences", "a token for another audience"});
    rules = rulesFor(issuer);
    rules.claims.issuers.push_back(kitUrl + "/");
    CHECK(misjudged(wrongIssuers(issuer), judgeBy(keysOf(issuer), rules)) == Words{"a token of another issuer"});
}
