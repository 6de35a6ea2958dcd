#include <catch2/catch.hpp>

#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

constexpr const char* confusion = "a token whose secret is the public key (algorithm confusion)";

std::string headerOf(const std::string& token) { return fromBase64Url(token.substr(0, token.find('.'))).value_or(""); }

} // namespace

TEST_CASE("a right validator refuses every wrong algorithm, in each kind of algorithm") {
    for (const std::string& algorithm : eachKind) {
        DYNAMIC_SECTION(algorithm) {
            const KitIssuer& issuer = issuerFor(algorithm);
            const TokenClass made = wrongAlgorithms(issuer);
            CHECK(made.name == "algorithm");
            CHECK(made.cases.size() > 20);
            CHECK(twins(made).empty());
            CHECK(misjudged(made, rightJudge(issuer)).empty());
        }
    }
}

TEST_CASE("an issuer of several algorithms has no token of one of them among the wrong ones") {
    const KitIssuer issuer(termsOf({"RS256", "PS256", "ES256"}));
    const TokenClass made = wrongAlgorithms(issuer);
    CHECK(misjudged(made, rightJudge(issuer)).empty());
    for (const TokenCase& one : made.cases) {
        CHECK(one.what != "a token signed with RS256, which the key is not for");
        CHECK(one.what != "a token signed with PS256, which the key is not for");
    }
}

TEST_CASE("who takes unsigned tokens is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    const auto wrong = misjudged(wrongAlgorithms(issuer), [&](const std::string& token) -> Verdict {
        const bool isUnsigned = headerOf(token).find("\"alg\":\"none\"") != std::string::npos && token.back() == '.';
        return isUnsigned ? Verdict(Accepted{}) : rightJudge(issuer)(token);
    });
    CHECK(wrong == Words{"an unsigned token (alg none)"});
}

TEST_CASE("who takes the public key for a secret is found out, however the key is spelled") {
    for (const std::string algorithm : {"RS256", "ES256"}) {
        DYNAMIC_SECTION(algorithm) {
            const KitIssuer& issuer = issuerFor(algorithm);
            const SigningKey& key = issuer.key(algorithm);
            for (const std::string& secret :
                 {key.publicPem(), key.publicDer(), key.jwk().dump(), issuer.keySet().at("keys").at(0).dump()}) {
                const auto wrong = misjudged(wrongAlgorithms(issuer), [&](const std::string& token) -> Verdict {
                    const std::string input = token.substr(0, token.rfind('.'));
                    const bool isMixed = token == compact(input, macOf("HS256", secret, input));
                    return isMixed ? Verdict(Accepted{}) : rightJudge(issuer)(token);
                });
                CHECK(wrong == Words{confusion});
            }
        }
    }
}

TEST_CASE("who lets the token choose among the algorithms of a key is found out") {
    const KitIssuer& issuer = issuerFor("RS256");
    auto rules = rulesFor(issuer);
    rules.algorithms = jose::AlgorithmSet::asymmetric();
    Json anything = issuer.keySet().at("keys").at(0);
    anything.erase("alg");
    const auto keys =
        std::make_shared<const jose::KeySet>(jose::KeySet::of({std::get<jose::Key>(jose::Key::fromJwk(anything))}));
    CHECK(misjudged(wrongAlgorithms(issuer), judgeBy(keys, rules)) ==
          Words{"a token signed with PS256, which the key is not for",
                "a token signed with PS384, which the key is not for",
                "a token signed with PS512, which the key is not for",
                "a token signed with RS384, which the key is not for",
                "a token signed with RS512, which the key is not for"});
}
