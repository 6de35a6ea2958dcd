// SseTransport: the HTTP+SSE transport of 2024-11-05: a GET stream whose first event names the place to POST to; every
// answer is an event of that stream. Deprecated since 2025-03-26; /mcp/sse always, /sse where the settings say so.
// Source: MCP 2024-11-05 basic/transports.
// Threads: one (the loop's).
#pragma once

#include <string>

#include "mcp/protocol.hpp"

namespace gatehouse::mcp {

class SseTransport {
public:
    static constexpr const char* streamPath = "/sse";
    static constexpr const char* nestedStreamPath = "/mcp/sse";
    static constexpr const char* messagePath = "/messages";

    // `pathPrefix` stands before the place to POST to.
    SseTransport(Protocol& protocol, std::string pathPrefix)
        : protocol_(protocol), pathPrefix_(std::move(pathPrefix)) {}

    // GET of a stream: a session that lasts as long as its stream. False when there is no room for one.
    bool open(http::Exchange& exchange, LiveIdentities& live, const CallerPtr& caller);
    // POST /messages?session=ID: accepted at once; the answer is an event. False when there is no such session.
    bool dispatch(http::Exchange& exchange, Incoming incoming, const std::variant<Message, MessageFault>& read);

private:
    Protocol& protocol_;
    const std::string pathPrefix_;
};

} // namespace gatehouse::mcp
