// Refusals of the gate as HTTP sees them: status, WWW-Authenticate, Retry-After. What they say is fixed; why a token
// was refused is for the log.
// Threads: any.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse {

struct GateRefusal {
    int status = 401;
    std::string headers;      // lines ended by CR LF
    std::string_view body;    // JSON, static
    std::string_view outcome; // for the audit: "rejected", "limited", "unavailable"
    std::string_view reason;  // in one word, static
};

namespace challenge {

GateRefusal noToken(); // 401, no error code (RFC 6750 3.1)
GateRefusal invalidToken(std::string_view reason);
GateRefusal ambiguous();                                      // 400
GateRefusal tooManyFailures(std::chrono::seconds retryAfter); // 429
GateRefusal unavailable(std::chrono::seconds retryAfter);     // 503

} // namespace challenge

} // namespace gatehouse
