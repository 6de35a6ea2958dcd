#include "auth/challenge.hpp"

#include <algorithm>

#include "base/joined.hpp"

namespace gatehouse {

namespace {

std::string retryLine(std::chrono::seconds after) {
    return "Retry-After: " + std::to_string(std::max<std::int64_t>(after.count(), 1)) + "\r\n";
}

// A quoted-string may hold neither quotes nor control characters; scopes have none of them (RFC 6749 section 3.3).
std::string quotedString(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= ' ' && c != 0x7F) out += c;
    return out;
}

std::string scopeText(const std::vector<std::string>& scopes) {
    return scopes.empty() ? "" : ", scope=\"" + quotedString(joined(scopes)) + "\"";
}

} // namespace

Challenge::Challenge(const ChallengeOptions& options)
    : metadata_(options.resourceMetadata.empty()
                    ? ""
                    : ", resource_metadata=\"" + quotedString(options.resourceMetadata) + "\""),
      scopes_(scopeText(options.scopes)), credential_(options.credential) {}

// The one challenge, with what it says about a token that was shown.
std::string Challenge::line(std::string_view error) const {
    std::string line = "WWW-Authenticate: Bearer realm=\"gatehouse\"";
    line.append(error).append(metadata_);
    return line;
}

GateRefusal Challenge::refusalOf(const AuthenticationFailure& failure) const {
    switch (failure.kind) {
        case AuthenticationFailure::Kind::noToken: return noToken();
        case AuthenticationFailure::Kind::twoCredentials: return ambiguous();
        case AuthenticationFailure::Kind::invalidToken: {
            GateRefusal refusal = invalidToken(failure.reason, failure.detail);
            refusal.tokenDigest = failure.tokenDigest;
            return refusal;
        }
        case AuthenticationFailure::Kind::narrowToken: return insufficientScope(failure.neededScopes);
        case AuthenticationFailure::Kind::tooManyFailures: return tooManyFailures(failure.retryAfter);
        case AuthenticationFailure::Kind::unavailable: break;
    }
    return unavailable(failure.retryAfter);
}

GateRefusal Challenge::noToken() const {
    return {.status = 401,
            .headers = line("") + scopes_ + "\r\n",
            .error = "unauthorized",
            .description = "this server wants a token: send the header " + credential_,
            .outcome = Outcome::rejected,
            .reason = "no_token"};
}

GateRefusal Challenge::invalidToken(std::string_view reason, std::string detail) const {
    const auto error = line(R"(, error="invalid_token", error_description="The access token is not valid")");
    return {.status = 401,
            .headers = error + scopes_ + "\r\n",
            .error = "invalid_token",
            .description = "the access token is not valid (unknown, expired or removed)",
            .outcome = Outcome::rejected,
            .reason = reason,
            .detail = std::move(detail)};
}

GateRefusal Challenge::ambiguous() const {
    return {.status = 400,
            .headers = line(", error=\"invalid_request\"") + "\r\n",
            .error = "invalid_request",
            .description = "exactly one credential, in one header, is needed: " + credential_,
            .outcome = Outcome::rejected,
            .reason = "two_credentials"};
}

GateRefusal Challenge::insufficientScope(const std::vector<std::string>& needed,
                                         std::shared_ptr<const Caller> caller) const {
    const auto error = line(R"(, error="insufficient_scope", error_description="The access token has too few scopes")");
    const std::string scopes = joined(needed);
    return {.status = 403,
            .headers = error + scopeText(needed) + "\r\n",
            .error = "insufficient_scope",
            .description = "the access token lacks scopes; needed: " + scopes,
            .outcome = Outcome::rejected,
            .reason = "insufficient_scope",
            .detail = "needs " + scopes,
            .caller = std::move(caller)};
}

GateRefusal Challenge::tooManyFailures(std::chrono::seconds retryAfter) const {
    return {.status = 429,
            .headers = retryLine(retryAfter),
            .error = "too_many_requests",
            .description = "too many refused tokens from this address; wait, and check the token",
            .outcome = Outcome::limited,
            .reason = "failure_budget"};
}

GateRefusal Challenge::unavailable(std::chrono::seconds retryAfter) const {
    return {.status = 503,
            .headers = retryLine(retryAfter),
            .error = "temporarily_unavailable",
            .description = "the token cannot be checked: temporarily unavailable; try again",
            .outcome = Outcome::unavailable,
            .reason = "validator_unavailable"};
}

} // namespace gatehouse
