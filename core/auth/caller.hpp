// Caller: an identity and who decided it, shared by the cache, calls, streams and sessions. What it may do is for the
// Authorizer of each route to say. Immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gatehouse/host.hpp>
#include <gatehouse/identity.hpp>
#include <gatehouse/token_validator.hpp>

#include "auth/token_rules.hpp"

namespace gatehouse {

struct Caller {
    enum class Origin {
        token,    // a validator accepted its token
        local,    // without a validator: standard input, or authentication off
        fallback, // came without a token, served by the client that was made at the start
    };
    Identity identity;
    Sha256 tokenDigest{};                    // of the token that was shown; zero for a caller without one
    std::vector<std::string> requiredScopes; // which its validator wants for every call
    Origin origin = Origin::token;
    TokenRulesPtr rules;               // of a token of our own store; null: it is none
    TokenValidator* decider = nullptr; // accepted the token, and exchanges it; null: the validator in force

    bool isFallback() const { return origin == Origin::fallback; }
};

using CallerPtr = std::shared_ptr<const Caller>;

} // namespace gatehouse
