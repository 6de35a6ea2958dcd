#include "mcp/transport/stdio_server.hpp"

#include <utility>

namespace gatehouse::mcp {

namespace {

LineWriterOptions writerOptions() {
    LineWriterOptions options;
    options.maxQueuedBytes = StdioServer::maxQueuedBytes;
    options.gather = std::chrono::milliseconds(0);
    options.ownsDescriptor = false;
    options.notesDrops = false;
    return options;
}

} // namespace

StdioServer::StdioServer(Protocol& protocol, EventLoop& loop, const Clock& clock, Log& log, Descriptors ends,
                         std::function<void()> ended)
    : loop_(loop), log_(log), ended_(std::move(ended)),
      writer_(std::make_shared<LineWriter>(ends.output, writerOptions())),
      channel_(protocol, clock, [this](std::string_view line) { write(line); }) {
    LineReaderOptions options;
    options.maxLine = ends.maxLine;
    const auto line = [this, alive = alive_](std::string text) {
        loop_.post([this, alive, text = std::move(text)]() mutable {
            if (*alive) handle(std::move(text));
        });
    };
    const auto end = [this, alive = alive_](const char* why) {
        loop_.post([this, alive, why] {
            if (!*alive) return;
            log_.info(std::string("stdio: ") + why);
            ended_();
        });
    };
    reader_ = std::make_unique<LineReader>(ends.input, options, line, end);
}

StdioServer::~StdioServer() { *alive_ = false; }

void StdioServer::write(std::string_view line) {
    writer_->write(line);
    if (writer_->dropped() == 0) return;
    log_.error("stdio: answers are not read");
    ended_();
}

void StdioServer::handle(std::string line) {
    channel_.handle(std::move(line));
    reader_->done();
}

} // namespace gatehouse::mcp
