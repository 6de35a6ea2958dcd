// jwt: tokens signed with a secret or by a key that the settings name (RFC 7519, RFC 7515).
//
// Exactly one of `secret`, `public_key`, `public_key_file`, `jwks_file` and `jwks_url` says with what. Verdicts hold
// for the token until it expires; with `check_token_store` they are asked for anew whenever the store changes.
// Threads: any. Tested by tests/unit/validators/jwt_tokens_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gatehouse/jose/access_token.hpp>

namespace jwt {

class JwtValidator final : public gatehouse::TokenValidator {
public:
    // `now` is for the ages of keys that are fetched.
    JwtValidator(const gatehouse::Settings& settings, const gatehouse::Host& host,
                 gatehouse::jose::RemoteKeySet::SteadyNow now = &std::chrono::steady_clock::now);
    gatehouse::ValidatorTraits traits() const override;
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override;
    std::string notReady() const override { return remote_ ? remote_->notReady() : ""; }

private:
    void openKeys(const gatehouse::Settings& settings, const std::string& key,
                  const gatehouse::jose::RemoteKeySet::SteadyNow& now);
    void openRemote(const std::string& url, const gatehouse::jose::RemoteKeySet::SteadyNow& now);
    gatehouse::Verdict withStore(const gatehouse::TokenRequest& request, gatehouse::Verdict verdict) const;

    const gatehouse::Host& host_;
    const bool checksStore_;
    gatehouse::jose::AccessTokenRules rules_;
    std::shared_ptr<const gatehouse::jose::KeySet> fixed_;
    gatehouse::jose::KeySource source_;
    std::unique_ptr<gatehouse::jose::RemoteKeySet> remote_; // last: its thread uses the others
};

} // namespace jwt
