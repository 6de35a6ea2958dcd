// StdioServer: the pipes of a StdioChannel: a JSON-RPC message a line, in and out.
// Source: MCP basic/transports/stdio, all revisions.
//
// Threads: construct and destroy on the loop's thread; what it does runs there, reading and writing on two of its own.
#pragma once

#include <functional>
#include <memory>

#include "base/line_reader.hpp"
#include "base/line_writer.hpp"
#include "mcp/transport/stdio_channel.hpp"

namespace gatehouse::mcp {

class StdioServer {
public:
    static constexpr std::size_t maxQueuedBytes = 64 << 20; // answers that are not read: then the server ends

    struct Descriptors {
        int input;
        int output;
        std::size_t maxLine; // bytes of one message
    };
    // `ended`: the input has ended, or cannot go on. [loop]
    StdioServer(Protocol& protocol, EventLoop& loop, const Clock& clock, Log& log, Descriptors ends,
                std::function<void()> ended);
    ~StdioServer();
    StdioServer(const StdioServer&) = delete;
    StdioServer& operator=(const StdioServer&) = delete;

    void flush() { writer_->flush(std::chrono::seconds(2)); }

private:
    void handle(std::string line);
    void write(std::string_view line);

    EventLoop& loop_;
    Log& log_;
    const std::function<void()> ended_;
    const std::shared_ptr<LineWriter> writer_;
    StdioChannel channel_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); // loop only
    std::unique_ptr<LineReader> reader_;
};

} // namespace gatehouse::mcp
