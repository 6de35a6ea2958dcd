// Refusals of the gate as HTTP sees them: status, WWW-Authenticate, Retry-After. What they say is fixed; why a token
// was refused is for the log.
// Source: RFC 6750 section 3, RFC 9728 section 5.1. Threads: any; a challenge does not change.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/authentication.hpp"
#include "base/outcome.hpp"

namespace gatehouse {

struct GateRefusal {
    int status = 401;
    std::string headers;                       // lines ended by CR LF
    std::string_view error;                    // in one word, for programs: RFC 6750 section 3.1, and our own
    std::string description;                   // for the user of the client: what is wrong, and what to do
    Outcome outcome = Outcome::rejected;       // or limited, unavailable
    std::string_view reason;                   // in one word, static
    std::string detail = {};                   // for the log; never told to the caller
    Sha256 tokenDigest = {};                   // of the token that is not valid; zero: none could be read
    std::shared_ptr<const Caller> caller = {}; // whose token is good, and does not reach; else null
};

struct ChallengeOptions {
    std::string resourceMetadata;                             // URL of the RFC 9728 document; empty: there is none
    std::vector<std::string> scopes;                          // to ask for when logging in; may be empty
    std::string credential = "Authorization: Bearer <token>"; // the header that a caller has to send
};

class Challenge {
public:
    explicit Challenge(const ChallengeOptions& options = {});

    GateRefusal refusalOf(const AuthenticationFailure& failure) const;
    GateRefusal noToken() const; // 401, no error code (RFC 6750 3.1)
    GateRefusal invalidToken(std::string_view reason, std::string detail = {}) const;
    GateRefusal ambiguous() const; // 400
    // 403; all that are needed are named at once (RFC 6750 3.1).
    GateRefusal insufficientScope(const std::vector<std::string>& needed,
                                  std::shared_ptr<const Caller> caller = nullptr) const;
    GateRefusal tooManyFailures(std::chrono::seconds retryAfter) const; // 429
    GateRefusal unavailable(std::chrono::seconds retryAfter) const;     // 503

private:
    std::string line(std::string_view error) const;
    std::string metadata_; // , resource_metadata="..."
    std::string scopes_;   // , scope="..."
    std::string credential_;
};

} // namespace gatehouse
