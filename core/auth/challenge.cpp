#include "auth/challenge.hpp"

#include <algorithm>

namespace gatehouse::challenge {

namespace {

// The one challenge, with what it says about a token that was shown.
std::string bearer(std::string_view error) {
    std::string line = "WWW-Authenticate: Bearer realm=\"gatehouse\"";
    return line.append(error).append("\r\n");
}

std::string retryLine(std::chrono::seconds after) {
    return "Retry-After: " + std::to_string(std::max<std::int64_t>(after.count(), 1)) + "\r\n";
}

} // namespace

GateRefusal noToken() {
    return {
        401, bearer(""),
        R"({"error":"unauthorized","error_description":"A bearer token is required: Authorization: Bearer <token>"})",
        "rejected", "no_token"};
}

GateRefusal invalidToken(std::string_view reason) {
    return {401, bearer(", error=\"invalid_token\", error_description=\"The access token is not valid\""),
            R"({"error":"invalid_token","error_description":"The access token is not valid"})", "rejected", reason};
}

GateRefusal ambiguous() {
    return {400, bearer(", error=\"invalid_request\""),
            R"({"error":"invalid_request","error_description":"Exactly one credential, in one header, is needed"})",
            "rejected", "two_credentials"};
}

GateRefusal tooManyFailures(std::chrono::seconds retryAfter) {
    return {429, retryLine(retryAfter),
            R"({"error":"too_many_requests","error_description":"Too many refused tokens from this address"})",
            "limited", "failure_budget"};
}

GateRefusal unavailable(std::chrono::seconds retryAfter) {
    return {503, retryLine(retryAfter),
            R"({"error":"temporarily_unavailable","error_description":"The token cannot be checked just now"})",
            "unavailable", "validator_unavailable"};
}

} // namespace gatehouse::challenge
