// Caller: an admitted identity, shared by the cache, calls, streams and sessions. Immutable.
#pragma once

#include <memory>

#include <gatehouse/host.hpp>
#include <gatehouse/identity.hpp>

#include "auth/policy.hpp"

namespace gatehouse {

struct Caller {
    Identity identity;
    Sha256 tokenDigest{}; // of the token that was shown; zero for the anonymous caller
    Grants grants;        // its scopes and all that they include
    std::vector<std::string> lacking; // what every call needs, when this caller has not all of it
};

using CallerPtr = std::shared_ptr<const Caller>;

} // namespace gatehouse
