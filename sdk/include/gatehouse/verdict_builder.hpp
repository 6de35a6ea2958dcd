// accept(...) and reject(...): a verdict in one line, without its traps.
//
//     return accept("corp", subject).expires(time).keepFor(30s);
//     return reject(Reason::unknown, "not active");
//
// Threads: any; nothing is kept.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/host.hpp>
#include <gatehouse/json.hpp>
#include <gatehouse/verdict.hpp>

namespace gatehouse {

using Reason = Rejected::Reason;

// The parts of a name, such that no two lists of parts give the same: ':' between them, and a '\' before each ':' and
// '\' within one.
inline std::string joinedKey(const std::vector<std::string_view>& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += ':';
        for (const char c : parts[i]) {
            if (c == ':' || c == '\\') out += '\\';
            out += c;
        }
    }
    return out;
}

// An Accepted that is being made. It holds for the one request, unless keepFor says more.
class Acceptance {
public:
    Acceptance(std::string issuer, std::string subject) {
        accepted_.identity.issuer = std::move(issuer);
        accepted_.identity.subject = std::move(subject);
    }

    Acceptance& client(std::string id) { return accepted_.identity.clientId = std::move(id), *this; }
    Acceptance& tokenId(std::string id) { return accepted_.identity.tokenId = std::move(id), *this; }
    Acceptance& scopes(std::vector<std::string> scopes) { return accepted_.identity.scopes = std::move(scopes), *this; }
    Acceptance& claims(const Json& object) { return accepted_.identity.claimsJson = object.dump(), *this; }
    // Scopes that every request needs, whatever it asks for.
    Acceptance& alwaysNeeds(std::vector<std::string> scopes) {
        return accepted_.requiredScopes = std::move(scopes), *this;
    }

    Acceptance& expires(WallTime time) { return accepted_.identity.expiresAt = time, *this; }
    // Seconds since 1970-01-01 UTC, as in `exp` (RFC 7519 section 2, NumericDate). Throws when it is no number.
    Acceptance& expires(const Json& numericDate) {
        const double seconds = numericDate.get<double>();
        constexpr double most = 253'402'300'799.0; // 9999-12-31
        return expires(
            WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(seconds, 0.0, most) * 1000))));
    }

    // The host may answer the same token from what it keeps, for that long and no longer than the token lives.
    Acceptance& keepFor(std::chrono::milliseconds time) {
        const CachePolicy limit = accepted_.cache; // per peer or certificate
        accepted_.cache = CachePolicy::forToken(time);
        if (limit.isPerPeer()) perPeer();
        if (limit.isPerCertificate()) perCertificate();
        return *this;
    }
    // The verdict depends on the caller's address as well: what is kept holds for that address only.
    Acceptance& perPeer() { return accepted_.cache = accepted_.cache.perPeer(), *this; }
    // ... on the TLS client certificate.
    Acceptance& perCertificate() { return accepted_.cache = accepted_.cache.perCertificate(), *this; }

    operator Verdict() const {
        Accepted out = accepted_;
        Identity& who = out.identity;
        who.isolationKey = who.clientId.empty() ? joinedKey({who.issuer, who.subject})
                                                : joinedKey({who.issuer, who.subject, who.clientId});
        return out;
    }

private:
    Accepted accepted_;
};

// The isolation key is made of issuer, subject and client.
inline Acceptance accept(std::string issuer, std::string subject) { return {std::move(issuer), std::move(subject)}; }

// `detail` is for the operator's log: never the token.
inline Verdict reject(Reason reason, std::string detail = "") {
    Rejected out;
    out.reason = reason;
    out.detail = std::move(detail);
    return out;
}

inline Verdict unavailable(std::string detail, std::chrono::seconds retryAfter = std::chrono::seconds(5)) {
    return Unavailable{std::move(detail), retryAfter};
}

} // namespace gatehouse
