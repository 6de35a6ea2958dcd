// What a client of MCP reads where HTTP refuses it: a JSON-RPC error whose message a person understands, because most
// clients show nothing else. What RFC 6750 says of the token stands in its data as well.
// Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "auth/challenge.hpp"

namespace gatehouse::mcp {

// {"jsonrpc":"2.0","id":null,"error":{"code":401,"message":"401: ...","data":{"error":...,"error_description":...}}}
// The message was not read: its id is null (JSON-RPC 2.0 section 5), without which some clients drop the whole body.
// The code is the status where the request is refused for its caller (401, 403, 429, 503), else -32600 (JSON-RPC 2.0
// section 5.1).
std::string refusalBody(const GateRefusal& refusal);
std::string refusalBody(int status, std::string_view why);
// The same words for the status line, which is all that some clients show: "Unauthorized: the access token ...".
std::string refusalPhrase(const GateRefusal& refusal);

} // namespace gatehouse::mcp
