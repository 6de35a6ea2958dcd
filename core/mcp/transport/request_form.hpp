// What the head of a request must look like before its body is read: its method for the kind, what it brings and what
// it takes.
// Source: MCP basic/transports; RFC 9110 sections 8.4, 12.5 and 15.5.
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/head.hpp"
#include "mcp/transport/accept.hpp"

namespace gatehouse::mcp {

enum class EndpointKind {
    main,       // /mcp: POST, and GET and DELETE of a session
    posts,      // only takes messages: /mcp/initialize, /messages
    oldStreams, // only opens streams of the 2024-11-05 transport: /sse, /mcp/sse
};

struct FormFault {
    int status = 400;
    std::string why;
    std::string_view reason;       // in one word, static
    std::string_view headers = {}; // lines ended by CR LF, static
};

std::optional<FormFault> formFault(const http::RequestHead& head, EndpointKind kind, const Accepts& taken);

} // namespace gatehouse::mcp
