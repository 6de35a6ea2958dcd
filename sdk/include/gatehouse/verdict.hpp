// Verdict: a validator's three-way answer. Yes; no, and why; cannot say now.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <gatehouse/identity.hpp>

namespace gatehouse {

// How long, and for which requests, the host may answer from a verdict. The default is never: the verdict holds for the
// request that was judged, which is right for every validator that looks at more than the token.
//
//     CachePolicy::forToken(30s).perPeer()
//
// Every combination is as narrow as each of its parts: nothing widens one.
class CachePolicy {
public:
    // Until the identity expires or the host drops the verdict.
    static constexpr std::chrono::milliseconds unlimited = std::chrono::milliseconds::max();

    constexpr CachePolicy() = default;
    static constexpr CachePolicy never() { return {}; }
    // For requests with the same token, for `time` from when the verdict is given; at most until the identity expires.
    static constexpr CachePolicy forToken(std::chrono::milliseconds time = unlimited) {
        CachePolicy policy;
        policy.time_ = std::max(time, std::chrono::milliseconds(0));
        return policy;
    }
    // Only for requests from the same address, or with the same TLS client certificate.
    constexpr CachePolicy perPeer() const { return with(*this, true, false); }
    constexpr CachePolicy perCertificate() const { return with(*this, false, true); }
    // For what both hold for.
    constexpr CachePolicy narrowedBy(const CachePolicy& other) const {
        CachePolicy policy = with(*this, other.perPeer_, other.perCertificate_);
        policy.time_ = std::min(time_, other.time_);
        return policy;
    }

    constexpr std::chrono::milliseconds time() const { return time_; }
    constexpr bool isNever() const { return time_.count() == 0; }
    constexpr bool isPerPeer() const { return perPeer_; }
    constexpr bool isPerCertificate() const { return perCertificate_; }

private:
    static constexpr CachePolicy with(CachePolicy policy, bool peer, bool certificate) {
        policy.perPeer_ = policy.perPeer_ || peer;
        policy.perCertificate_ = policy.perCertificate_ || certificate;
        return policy;
    }
    std::chrono::milliseconds time_{0};
    bool perPeer_ = false;
    bool perCertificate_ = false;
};

struct Accepted {
    Identity identity;
    CachePolicy cache{};
    // Scopes required for every request. The host checks them (it knows the scope hierarchy) and answers 403 if one is
    // missing.
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
    std::string detail{}; // for the operator's log; never sent to the client
    CachePolicy cache{};
    std::vector<std::string> neededScopes{}; // all of them, when the scopes are too few
};

// The validator cannot decide (key set not loaded, provider down). The caller gets 503, never 401. Never cached.
struct Unavailable {
    std::string detail{};
    std::chrono::seconds retryAfter{5};
};

using Verdict = std::variant<Accepted, Rejected, Unavailable>;

} // namespace gatehouse
