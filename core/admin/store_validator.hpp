// StoreValidator: who is calling the token API: the credential of a manager, somebody who is signed in to the page, or
// any token of the store, which may ask about itself. Independent of the validator that lets callers in at /mcp.
//
// Threads: any.
#pragma once

#include <string>

#include <gatehouse/token_validator.hpp>

#include "admin/page_sessions.hpp"
#include "base/clock.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse::admin {

// What an identity at the token API may do.
struct Manager {
    bool manages = false;   // else it may only ask about itself
    bool signsIn = false;   // it is good for one sign-in
    std::string owner = {}; // whose tokens it sees; empty: all
    std::string id = {};    // of the credential, or of the session
    std::string csrf = {};  // of a session: what a request that changes something has to repeat; empty: no session
};
Manager managerOf(const Identity& identity);

class StoreValidator final : public TokenValidator {
public:
    // Both outlive it.
    StoreValidator(const TokenStore& store, PageSessions& sessions) : store_(store), sessions_(sessions) {}
    ValidatorTraits traits() const override;
    Verdict validate(const TokenRequest& request) override;

private:
    Verdict ofSession(const Sha256& digest);
    Verdict ofToken(const Sha256& digest);

    const TokenStore& store_;
    PageSessions& sessions_;
};

} // namespace gatehouse::admin
