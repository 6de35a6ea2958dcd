// Refusals of the gate as HTTP sees them: status, WWW-Authenticate, Retry-After. What they say is fixed; why a token
// was refused is for the log.
// Source: RFC 6750 section 3, RFC 9728 section 5.1. Threads: any; a challenge does not change.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

struct GateRefusal {
    int status = 401;
    std::string headers;      // lines ended by CR LF
    std::string_view body;    // JSON, static
    std::string_view outcome; // for the audit: "rejected", "limited", "unavailable"
    std::string_view reason;  // in one word, static
};

struct ChallengeOptions {
    std::string resourceMetadata;    // URL of the RFC 9728 document; empty: there is none
    std::vector<std::string> scopes; // to ask for when logging in; may be empty
};

class Challenge {
public:
    explicit Challenge(const ChallengeOptions& options = {});

    GateRefusal noToken() const; // 401, no error code (RFC 6750 3.1)
    GateRefusal invalidToken(std::string_view reason) const;
    GateRefusal ambiguous() const;                                               // 400
    GateRefusal insufficientScope(const std::vector<std::string>& needed) const; // 403
    GateRefusal tooManyFailures(std::chrono::seconds retryAfter) const;          // 429
    GateRefusal unavailable(std::chrono::seconds retryAfter) const;              // 503

private:
    std::string line(std::string_view error) const;
    std::string metadata_; // , resource_metadata="..."
    std::string scopes_;   // , scope="..."
};

} // namespace gatehouse
