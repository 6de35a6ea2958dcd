// token_exchange: another validator judges the caller's token; for the backend it is exchanged for one that is made for
// the backend alone (RFC 8693).
//
// The caller's own token never reaches the backend. An exchanged token is kept for (token, audience), never past the
// end of either. What the authorization server says of a refusal goes to the log.
// Threads: any. Tested by tests/unit/validators/token_exchange_validator_test.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gatehouse/jose/client_credentials.hpp>
#include <gatehouse/token_validator.hpp>

#include "circuit.hpp"
#include "exchange_cache.hpp"

namespace token_exchange {

class TokenExchangeValidator final : public gatehouse::TokenValidator {
public:
    using SteadyNow = std::function<Circuit::Time()>;
    // `now` is for the circuit.
    TokenExchangeValidator(const gatehouse::Settings& settings, const gatehouse::Host& host,
                           SteadyNow now = &std::chrono::steady_clock::now);
    gatehouse::ValidatorTraits traits() const override;
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override;
    std::string notReady() const override; // while the token endpoint is not asked
    gatehouse::ExchangeAnswer exchange(const gatehouse::ExchangeRequest& request) override;

private:
    bool isAllowed(const std::string& audience) const;
    gatehouse::Form form(const gatehouse::ExchangeRequest& request, const std::string& audience) const;
    gatehouse::ExchangeAnswer ask(const gatehouse::ExchangeRequest& request, const std::string& audience,
                                  const ExchangeCache::Key& key);
    gatehouse::ExchangeAnswer identify(const gatehouse::Json& body, const gatehouse::ExchangeRequest& request,
                                       const ExchangeCache::Key& key);

    const gatehouse::Host& host_;
    const SteadyNow now_;
    const std::string endpoint_, audience_, resource_, scope_;
    const std::vector<std::string> allowed_;
    const gatehouse::jose::ClientCredentials credentials_;
    gatehouse::TokenValidator& inner_;
    ExchangeCache cache_;
    Circuit circuit_;
};

// How long an exchanged token lives, as its answer says: `expires_in` is a number of seconds, also with a fraction or
// as a string of digits. Nothing: not said, or nonsense.
std::optional<std::chrono::milliseconds> lifeIn(const gatehouse::Json& answer);

} // namespace token_exchange
