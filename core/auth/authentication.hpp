// What the Authenticator says of a request: who is calling, why that cannot be said, or that its validator must be
// asked.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/caller.hpp"
#include "auth/credential.hpp"
#include "base/digest.hpp"
#include "base/secret_text.hpp"

namespace gatehouse {

// What a request shows. Views must live as long as `alive` of Authenticator::authenticateLater does.
struct GateRequest {
    const std::vector<HeaderField>& fields;
    std::string_view query;
    std::string_view method;
    std::string_view peer;
    std::string_view certificate{};
};

struct Authenticated {
    CallerPtr caller;
    SecretPtr token; // the caller's, when the validator exchanges it for the backend; else null
};

// No caller. What a client reads of it is in Challenge::refusalOf.
struct AuthenticationFailure {
    enum class Kind { noToken, twoCredentials, invalidToken, narrowToken, tooManyFailures, unavailable };
    Kind kind = Kind::unavailable;
    std::string_view reason = {};               // of invalidToken, in one word, static
    std::string detail = {};                    // for the log; never told to the caller
    Sha256 tokenDigest{};                       // of invalidToken; zero: none could be read
    std::vector<std::string> neededScopes = {}; // of narrowToken
    std::chrono::seconds retryAfter{5};         // of tooManyFailures and unavailable
};

using AuthenticationAnswer = std::variant<Authenticated, AuthenticationFailure>;

// A request whose token no verdict is known of, with all that was read of it. Only the Authenticator makes one.
class PendingAdmission {
public:
    PendingAdmission(PendingAdmission&&) = default;
    PendingAdmission& operator=(PendingAdmission&&) = delete;

private:
    friend class Authenticator;
    PendingAdmission(const GateRequest& request, const Credential& credential, const Sha256& digest)
        : request_(request), credential_(credential), digest_(digest) {}

    GateRequest request_;
    Credential credential_;
    Sha256 digest_;
};

using Authentication = std::variant<AuthenticationAnswer, PendingAdmission>;

// What a verdict that does not accept means for its request.
AuthenticationFailure failureOf(const Rejected& rejected);
// "expired", "unknown", ... for logs and metrics.
std::string_view reasonName(Rejected::Reason reason);

} // namespace gatehouse
