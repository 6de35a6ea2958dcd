// oidc: access tokens of an OpenID provider or authorization server, whose keys are found by discovery.
//
// The keys are kept fresh in the background (gatehouse/jose/remote_key_set.hpp). Each time the discovery document is
// read as well, since keys may move to another `jwks_uri` while the old one still answers; when it cannot be had, the
// last one holds. A token that is no JWT, or another issuer's, is not ours. Verdicts hold for the token until it
// expires, but no longer than a key may be gone unnoticed.
// Threads: any. Tested by tests/unit/validators/oidc_validator_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gatehouse/jose/access_token.hpp>

namespace oidc {

class OidcValidator final : public gatehouse::TokenValidator {
public:
    // `now` is for the ages of keys.
    OidcValidator(const gatehouse::Settings& settings, const gatehouse::Host& host,
                  gatehouse::jose::RemoteKeySet::SteadyNow now = &std::chrono::steady_clock::now);
    gatehouse::ValidatorTraits traits() const override;
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override;
    std::string notReady() const override { return keys_->notReady(); }

private:
    const std::string& issuer() const { return rules_.claims.issuers.front(); }
    void makeKeys(const gatehouse::jose::RemoteKeyTimes& times, gatehouse::jose::RemoteKeySet::SteadyNow now);
    void begin(const std::string& startup);
    std::string discovered();
    std::variant<gatehouse::jose::KeySet, gatehouse::jose::KeyFault> load();

    const gatehouse::Host& host_;
    gatehouse::jose::AccessTokenRules rules_;
    const std::string fixedUri_; // the operator's; empty: it is discovered
    std::string jwksUri_;        // discovered last; of the loading thread
    gatehouse::jose::KeySource source_;
    std::unique_ptr<gatehouse::jose::RemoteKeySet> keys_; // last: its thread uses the others
};

} // namespace oidc
