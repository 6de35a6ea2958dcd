// static_file: API tokens of the host's token file.
//
// The host keeps the file, watches it and looks tokens up by their digest; this validator says what a record means.
// A verdict holds for the token until it expires; the host drops it when the file changes.
// Threads: any. Tested by tests/unit/validators/static_file_validator_test.cpp.
#pragma once

#include <gatehouse/token_validator.hpp>

namespace static_file {

class StaticFileValidator final : public gatehouse::TokenValidator {
public:
    StaticFileValidator(const gatehouse::Settings& settings, const gatehouse::Host& host);
    gatehouse::ValidatorTraits traits() const override;
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override;

private:
    const gatehouse::Host& host_;
};

} // namespace static_file
