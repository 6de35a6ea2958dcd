// api_key: one key, shared by all callers.
//
// The key is `key`, else what the environment variable `env_var` holds (DCC_MCP_API_KEY); a line end at its end is cut.
// Without one there is no validator. A key has 32 characters or more, since it can be guessed at the speed of the
// server, unless `allow_short_key` says otherwise. Its comparison takes as long wherever the texts differ.
// Threads: any. Tested by tests/unit/validators/api_key_validator_test.cpp.
#pragma once

#include <string>

#include <gatehouse/token_validator.hpp>

namespace api_key {

class ApiKeyValidator final : public gatehouse::TokenValidator {
public:
    ApiKeyValidator(const gatehouse::Settings& settings, const gatehouse::Host& host);
    gatehouse::ValidatorTraits traits() const override;
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override;

private:
    const std::string header_;
    const std::string scheme_; // "none": the header holds the bare key
    const std::string key_;
    gatehouse::Identity identity_;
};

} // namespace api_key
