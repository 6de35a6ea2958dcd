// Caller: an admitted identity, shared by the cache, calls, streams and sessions. Immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gatehouse/host.hpp>
#include <gatehouse/identity.hpp>
#include <gatehouse/token_validator.hpp>

#include "auth/policy.hpp"

namespace gatehouse {

struct Caller {
    Identity identity;
    Sha256 tokenDigest{};                // of the token that was shown; zero for the anonymous caller
    Grants grants;                       // its scopes and all that they include
    std::vector<std::string> lacking;    // what every call needs, when this caller has not all of it
    bool isFallback = false;             // without a token, served by the client that was made at the start
    TokenValidator* exchanger = nullptr; // makes the backend's credential for this caller; null: the validator in force
};

using CallerPtr = std::shared_ptr<const Caller>;

} // namespace gatehouse
