// What a request takes and brings: Accept, Content-Type, Content-Encoding.
// Source: RFC 9110 12.5.1, 8.3, 8.4; MCP basic/transports.
// Threads: any.
#pragma once

#include "http/head.hpp"

namespace gatehouse::mcp {

struct Accepts {
    bool json = false;
    bool stream = false;
};

// A missing Accept means JSON; "*/*" means JSON as well.
Accepts acceptsOf(const http::RequestHead& head);

// True for application/json, with or without parameters, and no content coding.
bool bringsJson(const http::RequestHead& head);

} // namespace gatehouse::mcp
