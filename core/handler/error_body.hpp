// Bodies of refusals, one form for each kind of route. MCP's own (JSON-RPC) is in mcp/transport/refusal_body.hpp.
// Threads: any.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

inline constexpr std::string_view problemType = "application/problem+json";

// REST (RFC 9457 section 3): {"type":"about:blank","title":"Not Found","status":404,"detail":"..."}.
std::string problemBody(int status, std::string_view detail);
// OAuth (RFC 6749 section 5.2): {"error":"invalid_request","error_description":"..."}.
std::string oauthErrorBody(std::string_view error, std::string_view description);

} // namespace gatehouse
