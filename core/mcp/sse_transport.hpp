// SseTransport: the HTTP+SSE transport of 2024-11-05: a GET stream whose first event names the place to POST to; every
// answer is an event of that stream. Deprecated since 2025-03-26; off unless the settings turn it on.
// Source: MCP 2024-11-05 basic/transports.
// Threads: one (the loop's).
#pragma once

#include <string>

#include "mcp/protocol.hpp"

namespace gatehouse::mcp {

class SseTransport {
public:
    static constexpr std::string_view streamPath = "/sse";
    static constexpr std::string_view messagePath = "/messages";

    explicit SseTransport(Protocol& protocol) : protocol_(protocol) {}

    // GET /sse: a session that lasts as long as its stream. False when there is no room for one.
    bool open(http::Exchange& exchange, LiveIdentities& live, const CallerPtr& caller);
    // POST /messages?session=ID: accepted at once; the answer is an event. False when there is no such session.
    bool take(http::Exchange& exchange, Incoming incoming, const std::variant<Message, MessageFault>& read);

private:
    Protocol& protocol_;
};

} // namespace gatehouse::mcp
