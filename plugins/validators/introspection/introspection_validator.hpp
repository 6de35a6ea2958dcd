// introspection: opaque tokens, of which the authorization server says what they are (RFC 7662).
//
// The server is asked once for each token and then again when the answer is `cache_seconds` old, or the token's `exp`
// has come, whichever is first. An answer that does not come is "unavailable". A token that is not valid yet is asked
// about again each time. Times are judged with `leeway_seconds`.
// Threads: any. Tested by tests/unit/validators/introspection_validator_test.cpp.
#pragma once

#include <string>
#include <vector>

#include <gatehouse/jose/client_credentials.hpp>

#include "introspection_answer.hpp"

namespace introspection {

class IntrospectionValidator final : public gatehouse::TokenValidator {
public:
    IntrospectionValidator(const gatehouse::Settings& settings, const gatehouse::Host& host);
    gatehouse::ValidatorTraits traits() const override;
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override;

private:
    const gatehouse::Host& host_;
    const std::string issuer_; // empty: not said
    const gatehouse::jose::ClientCredentials credentials_;
    const bool onlyOpaque_;
    const std::vector<std::string> requiredScopes_;
    const std::chrono::seconds keep_, keepRejects_, timeout_;
    AnswerRules rules_;
};

} // namespace introspection
