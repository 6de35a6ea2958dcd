#include "mcp/stdio_server.hpp"

#include <utility>

namespace gatehouse::mcp {

namespace {

constexpr const char* channel = "stdio";

CallerPtr localCaller() {
    auto caller = std::make_shared<Caller>();
    caller->identity.issuer = "gatehouse";
    caller->identity.subject = "local";
    caller->identity.isolationKey = channel;
    caller->grants = Grants::everything();
    return caller;
}

LineWriterOptions writerOptions() {
    LineWriterOptions options;
    options.maxQueuedBytes = StdioServer::maxQueuedBytes;
    options.gather = std::chrono::milliseconds(0);
    options.ownsDescriptor = false;
    options.notesDrops = false;
    return options;
}

// What goes out for one message. Line breaks within JSON text are white space.
class LineCarrier final : public Carrier {
public:
    using Write = std::function<void(std::string_view)>;
    explicit LineCarrier(Write write) : write_(std::move(write)) {}
    bool takesMessages() const override { return true; }
    void message(std::string_view json) override { write_(json); }
    void answer(int, std::string_view json, std::string_view) override { write_(json); }
    void end(const GateRefusal*) override {}
    void whenGone(std::function<void()>) override {}
    std::shared_ptr<Carrier> keep() override { return std::make_shared<LineCarrier>(write_); }

private:
    const Write write_;
};

} // namespace

StdioServer::StdioServer(Protocol& protocol, http::EventLoop& loop, const Clock& clock, Log& log, Ends ends,
                         std::function<void()> ended)
    : protocol_(protocol), loop_(loop), clock_(clock), log_(log), ended_(std::move(ended)), caller_(localCaller()),
      writer_(std::make_shared<LineWriter>(ends.output, writerOptions())) {
    session_.id = channel;
    session_.isolationKey = caller_->identity.isolationKey;
    session_.push = [this](std::string_view json) { write(json); };
    protocol_.subscriptions().attach(session_);
    LineReaderOptions options;
    options.maxLine = ends.maxLine;
    const auto line = [this, alive = alive_](std::string text) {
        loop_.post([this, alive, text = std::move(text)]() mutable {
            if (*alive) take(std::move(text));
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

StdioServer::~StdioServer() {
    *alive_ = false;
    protocol_.subscriptions().detach(session_);
}

void StdioServer::write(std::string_view json) {
    std::string line(json);
    for (char& c : line)
        if (c == '\n' || c == '\r') c = ' ';
    writer_->write(line);
    if (writer_->dropped() == 0) return;
    log_.error("stdio: answers are not read");
    ended_();
}

void StdioServer::take(std::string line) {
    const std::size_t size = line.size();
    line.append(MessageReader::padding, '\0');
    const Incoming incoming{caller_, nullptr, nullptr, {true, true}, &session_, channel, clock_.steady(), channel};
    LineCarrier carrier([this, alive = alive_](std::string_view json) {
        if (*alive) write(json);
    });
    const auto read = messages_.read(std::string_view(line).substr(0, size));
    if (const auto* fault = std::get_if<MessageFault>(&read)) protocol_.refuse(incoming, carrier, *fault);
    else protocol_.take(incoming, carrier, std::get<Message>(read));
    reader_->done();
}

} // namespace gatehouse::mcp
