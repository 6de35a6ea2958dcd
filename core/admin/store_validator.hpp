// StoreValidator: who is calling the token API: the credential of a manager, or any token of the store, which may ask
// about itself. Independent of the validator that lets callers in at /mcp.
//
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gatehouse/token_validator.hpp>

#include "base/clock.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse::admin {

// What an identity at the token API may do.
struct Manager {
    bool manages = false; // else it may only ask about itself
    std::string owner;    // whose tokens it sees; empty: all
    std::string id;       // of the credential
};
Manager managerOf(const Identity& identity);

class StoreValidator final : public TokenValidator {
public:
    // Both outlive it.
    StoreValidator(const TokenStore& store, const Clock& clock) : store_(store), clock_(clock) {}
    ValidatorTraits traits() const override;
    Verdict validate(const TokenRequest& request) override;

private:
    const TokenStore& store_;
    const Clock& clock_;
};

} // namespace gatehouse::admin
