#include <catch2/catch.hpp>

#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

// Takes a token apart, and believes what it says.
Verdict believed(const std::string& token, const KitIssuer& issuer) {
    const auto parsed = jose::parseJws(token);
    const auto* jws = std::get_if<jose::UnverifiedJws>(&parsed);
    if (!jws) return Rejected{};
    const Json claims = Json::parse(jws->payload, nullptr, false);
    if (!claims.is_object() || jose::judgeClaims(jws->header, claims, rulesFor(issuer).claims, wallNow()))
        return Rejected{};
    return Accepted{};
}

bool has(const TokenClass& made, const std::string& what) {
    return std::any_of(made.cases.begin(), made.cases.end(), [&](const TokenCase& one) { return one.what == what; });
}

} // namespace

TEST_CASE("a right validator refuses every wrong signature, in each kind of algorithm") {
    for (const std::string& algorithm : eachKind) {
        DYNAMIC_SECTION(algorithm) {
            const KitIssuer& issuer = issuerFor(algorithm);
            const TokenClass made = wrongSignatures(issuer);
            CHECK(made.name == "signature");
            CHECK(made.cases.size() > 80);
            CHECK(twins(made).empty());
            CHECK(misjudged(made, rightJudge(issuer)).empty());
        }
    }
}

TEST_CASE("each kind of algorithm has wrong signatures of its own") {
    const char* curve = "a token whose ECDSA numbers are out of range or exchanged";
    const char* padding = "a token signed with the other RSA padding";
    const char* secret = "a token made with an empty secret";
    struct Row {
        const char *algorithm, *what;
    };
    for (const Row& row : {Row{"ES256", curve}, Row{"RS256", padding}, Row{"PS256", padding}, Row{"HS256", secret}}) {
        DYNAMIC_SECTION(row.algorithm) {
            const TokenClass made = wrongSignatures(issuerFor(row.algorithm));
            for (const char* what : {curve, padding, secret}) CHECK(has(made, what) == (std::string(what) == row.what));
        }
    }
}

TEST_CASE("every algorithm of an issuer has its wrong signatures") {
    const KitIssuer both(termsOf({"ES256", "EdDSA"}));
    const auto alone = [](const char* algorithm) { return wrongSignatures(issuerFor(algorithm)).cases.size(); };
    CHECK(wrongSignatures(both).cases.size() == alone("ES256") + alone("EdDSA"));
}

TEST_CASE("who does not look at signatures is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    const auto wrong =
        misjudged(wrongSignatures(issuer), [&](const std::string& token) { return believed(token, issuer); });
    for (const char* what : {"a token with one letter of its signature changed", "a token with zeros for a signature",
                             "a token signed by another key", "a token with the signature of another",
                             "a token whose ECDSA signature is DER"})
        CHECK(wrong.count(what) == 1);
}

TEST_CASE("who takes keys of others is found out") {
    const KitIssuer& issuer = issuerFor("HS256");
    const auto wrong = misjudged(wrongSignatures(issuer), [&](const std::string& token) -> Verdict {
        const std::size_t last = token.rfind('.');
        const bool isEmpty = compact(token.substr(0, last), macOf("HS256", "", token.substr(0, last))) == token;
        return isEmpty ? Verdict(Accepted{}) : rightJudge(issuer)(token);
    });
    CHECK(wrong == Words{"a token made with an empty secret"});
}
