// Caller: an admitted identity, shared by the cache, calls, streams and sessions. Immutable.
#pragma once

#include <memory>

#include <gatehouse/host.hpp>
#include <gatehouse/identity.hpp>

namespace gatehouse {

struct Caller {
    Identity identity;
    Sha256 tokenDigest{}; // of the token that was shown; zero for the anonymous caller
};

using CallerPtr = std::shared_ptr<const Caller>;

} // namespace gatehouse
