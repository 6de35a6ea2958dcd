#include "auth/challenge.hpp"

#include <algorithm>

#include "base/joined.hpp"

namespace gatehouse {

namespace {

std::string retryLine(std::chrono::seconds after) {
    return "Retry-After: " + std::to_string(std::max<std::int64_t>(after.count(), 1)) + "\r\n";
}

// A quoted-string may hold neither quotes nor control characters; scopes have none of them (RFC 6749 section 3.3).
std::string quoted(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= ' ' && c != 0x7F) out += c;
    return out;
}

std::string scopeText(const std::vector<std::string>& scopes) {
    return scopes.empty() ? "" : ", scope=\"" + quoted(joined(scopes)) + "\"";
}

} // namespace

Challenge::Challenge(const ChallengeOptions& options)
    : metadata_(options.resourceMetadata.empty() ? ""
                                                 : ", resource_metadata=\"" + quoted(options.resourceMetadata) + "\""),
      scopes_(scopeText(options.scopes)) {}

// The one challenge, with what it says about a token that was shown.
std::string Challenge::line(std::string_view error) const {
    std::string line = "WWW-Authenticate: Bearer realm=\"gatehouse\"";
    return line.append(error).append(metadata_);
}

GateRefusal Challenge::noToken() const {
    return {
        401, line("") + scopes_ + "\r\n",
        R"({"error":"unauthorized","error_description":"A bearer token is required: Authorization: Bearer <token>"})",
        "rejected", "no_token"};
}

GateRefusal Challenge::invalidToken(std::string_view reason) const {
    const auto error = line(R"(, error="invalid_token", error_description="The access token is not valid")");
    return {401, error + scopes_ + "\r\n",
            R"({"error":"invalid_token","error_description":"The access token is not valid"})", "rejected", reason};
}

GateRefusal Challenge::ambiguous() const {
    return {400, line(", error=\"invalid_request\"") + "\r\n",
            R"({"error":"invalid_request","error_description":"Exactly one credential, in one header, is needed"})",
            "rejected", "two_credentials"};
}

GateRefusal Challenge::insufficientScope(const std::vector<std::string>& needed) const {
    const auto error = line(R"(, error="insufficient_scope", error_description="The access token has too few scopes")");
    return {403, error + scopeText(needed) + "\r\n",
            R"({"error":"insufficient_scope","error_description":"The access token has too few scopes"})", "rejected",
            "insufficient_scope"};
}

GateRefusal Challenge::tooManyFailures(std::chrono::seconds retryAfter) const {
    return {429, retryLine(retryAfter),
            R"({"error":"too_many_requests","error_description":"Too many refused tokens from this address"})",
            "limited", "failure_budget"};
}

GateRefusal Challenge::unavailable(std::chrono::seconds retryAfter) const {
    return {503, retryLine(retryAfter),
            R"({"error":"temporarily_unavailable","error_description":"The token cannot be checked just now"})",
            "unavailable", "validator_unavailable"};
}

} // namespace gatehouse
