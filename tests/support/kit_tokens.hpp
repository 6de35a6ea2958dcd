// Issuers of the kit, and a validator of tokens that is right, or wrong in one way: what judges the kit's own cases.
//
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gatehouse/base64.hpp>
#include <gatehouse/jose/access_token.hpp>

#include "kit/token_class.hpp"

namespace gatehouse::test {

inline const std::string kitUrl = "https://id.example", kitAudience = "https://kit.example/mcp";

// A key that signs with this algorithm. Making RSA keys takes long: four of them go round.
inline kit::SigningKey keyFor(const std::string& algorithm) {
    const bool isRsa = algorithm[0] == 'R' || algorithm[0] == 'P';
    if (!isRsa) return kit::SigningKey::forAlgorithm(algorithm);
    static std::vector<kit::SigningKey> made;
    static std::size_t next = 0;
    while (made.size() < 4) made.push_back(kit::SigningKey::forAlgorithm(algorithm));
    return made[next++ % made.size()];
}
// What the kit's issuers are in tests.
inline kit::IssuerTerms termsOf(std::vector<std::string> algorithms, const std::string& url = kitUrl) {
    return {url, kitAudience, std::move(algorithms), keyFor};
}

inline const kit::KitIssuer& issuerFor(const std::string& algorithm) {
    static std::map<std::string, std::unique_ptr<kit::KitIssuer>> made;
    auto& issuer = made[algorithm];
    if (!issuer) issuer = std::make_unique<kit::KitIssuer>(termsOf({algorithm}));
    return *issuer;
}
// The kinds of signature, each with one algorithm.
inline const std::vector<std::string> eachKind{"RS256", "PS256", "ES256", "EdDSA", "HS256"};

inline WallTime wallNow() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}
inline std::shared_ptr<const jose::KeySet> keysOf(const kit::KitIssuer& issuer) {
    std::vector<jose::Key> keys;
    const Json published = issuer.keySet();
    for (const Json& jwk : published.at("keys")) keys.push_back(std::get<jose::Key>(jose::Key::fromJwk(jwk)));
    const auto& names = issuer.algorithms();
    if (std::any_of(names.begin(), names.end(), kit::isSymmetric))
        keys.push_back(std::get<jose::Key>(jose::Key::fromSecret(issuer.secret())));
    return std::make_shared<const jose::KeySet>(jose::KeySet::of(std::move(keys)));
}
inline jose::AccessTokenRules rulesFor(const kit::KitIssuer& issuer) {
    jose::AccessTokenRules rules;
    for (const std::string& name : issuer.algorithms()) rules.algorithms.add(*jose::algorithmNamed(name));
    rules.claims.issuers = {issuer.url()};
    rules.claims.audiences = {issuer.audience()};
    return rules;
}

// A validator, as what it says of a token.
using JudgeOfTokens = std::function<Verdict(const std::string& token)>;
inline JudgeOfTokens judgeBy(std::shared_ptr<const jose::KeySet> keys, const jose::AccessTokenRules& rules) {
    return [keys, rules](const std::string& token) {
        return jose::judgeAccessToken(
            token, [keys](const std::string& /*keyId*/) { return keys; }, rules, wallNow());
    };
}
inline JudgeOfTokens rightJudge(const kit::KitIssuer& issuer) { return judgeBy(keysOf(issuer), rulesFor(issuer)); }

inline bool isAsWanted(kit::Wanted wanted, const Verdict& verdict) {
    if (wanted == kit::Wanted::accepted) return std::holds_alternative<Accepted>(verdict);
    if (wanted == kit::Wanted::refused) return std::holds_alternative<Rejected>(verdict);
    return !std::holds_alternative<Accepted>(verdict);
}
using Words = std::set<std::string>;
// What the judge says otherwise than the class wants.
inline Words misjudged(const kit::TokenClass& tokens, const JudgeOfTokens& judge) {
    Words out;
    for (const kit::TokenCase& one : tokens.cases)
        if (!isAsWanted(one.wanted, judge(one.token))) out.insert(one.what);
    return out;
}
// What is there twice, letter for letter.
inline Words twins(const kit::TokenClass& tokens) {
    Words out;
    std::set<std::string> seen;
    for (const kit::TokenCase& one : tokens.cases)
        if (!seen.insert(one.token).second) out.insert(one.what);
    return out;
}

} // namespace gatehouse::test
