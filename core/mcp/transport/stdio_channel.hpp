// StdioChannel: MCP for the one client of this process, without its pipes: reads messages, writes lines.
// Source: MCP basic/transports/stdio, all revisions.
//
// Both eras; the era of each message is its own. The client started the process, so it needs no token.
// Threads: one (the loop's).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "mcp/protocol.hpp"

namespace gatehouse::mcp {

class StdioChannel {
public:
    using Write = std::function<void(std::string_view line)>; // one JSON-RPC message without line breaks
    StdioChannel(Protocol& protocol, const Clock& clock, Write write);
    ~StdioChannel(); // answers to what is still under way are dropped
    StdioChannel(const StdioChannel&) = delete;
    StdioChannel& operator=(const StdioChannel&) = delete;

    void handle(std::string message);

private:
    void write(std::string_view json) const;

    Protocol& protocol_;
    const Clock& clock_;
    const Write write_;
    const CallerPtr caller_;
    const GrantsPtr grants_;
    Session session_;
    MessageReader messages_;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace gatehouse::mcp
