// Verdict: a validator's three-way answer. Yes; no, and why; cannot say now.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <gatehouse/identity.hpp>

namespace gatehouse {

// How long, and for which requests, a verdict holds. The default is for this request only: right for every validator
// that looks at more than the token.
struct CachePolicy {
    enum VaryBy : std::uint32_t {
        thisRequest = 0, // holds for the request that was judged, and no other
        token = 1,       // the same token gets the same verdict
        peer = 2,        // ... from the same address
        certificate = 4, // ... with the same client certificate
    };
    std::uint32_t varyBy = thisRequest; // bits of VaryBy
    WallTime until{};
};

struct Accepted {
    Identity identity;
    CachePolicy cache;
    // Scopes that this caller needs for anything at all. The host judges them, which knows what scope includes which:
    // without one of them the answer is 403.
    std::vector<std::string> requiredScopes{};
};

struct Rejected {
    enum class Reason : std::uint32_t {
        notMine = 1, // not a token of this validator's kind: a chain may ask the next one
        malformed,
        unknown,
        expired,
        revoked,
        wrongAudience,
        badSignature,
        forbidden,         // a right token that may not be used here (address, time, ...)
        insufficientScope, // a right token with too few scopes: 403, naming all that are needed (RFC 6750 3.1)
    };
    Reason reason = Reason::unknown;
    std::string detail; // for the operator's log; never sent to the client
    CachePolicy cache;
    std::vector<std::string> neededScopes{}; // all of them, when the scopes are too few
};

// The validator cannot decide (key set not loaded, provider down). The caller gets 503, never 401. Never cached.
struct Unavailable {
    std::string detail;
    std::chrono::seconds retryAfter{5};
};

using Verdict = std::variant<Accepted, Rejected, Unavailable>;

} // namespace gatehouse
