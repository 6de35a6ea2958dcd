#include "mcp/transport/stdio_channel.hpp"

#include <utility>

namespace gatehouse::mcp {

namespace {

constexpr const char* channel = "stdio";

CallerPtr localCaller() {
    auto caller = std::make_shared<Caller>();
    caller->identity.issuer = "gatehouse";
    caller->identity.subject = "local";
    caller->identity.isolationKey = channel;
    caller->origin = Caller::Origin::local;
    return caller;
}

// What goes out for one message.
class StdioResponseWriter final : public ResponseWriter {
public:
    using Write = std::function<void(std::string_view)>;
    explicit StdioResponseWriter(Write write) : write_(std::move(write)) {}
    bool acceptsMessages() const override { return true; }
    void message(std::string_view json) override { write_(json); }
    void answer(int, std::string_view json, std::string_view) override { write_(json); }
    void end(const GateRefusal*) override {}
    void whenGone(std::function<void()>) override {}
    std::shared_ptr<ResponseWriter> keep() override { return std::make_shared<StdioResponseWriter>(write_); }

private:
    const Write write_;
};

} // namespace

StdioChannel::StdioChannel(Protocol& protocol, const Clock& clock, Write write)
    : protocol_(protocol), clock_(clock), write_(std::move(write)), caller_(localCaller()),
      grants_(std::make_shared<const Grants>(Grants::everything())) {
    session_.id = channel;
    session_.isolationKey = caller_->identity.isolationKey;
    session_.push = [this](std::string_view json) { this->write(json); };
    protocol_.subscriptions().attach(session_);
}

StdioChannel::~StdioChannel() {
    *alive_ = false;
    protocol_.subscriptions().detach(session_);
}

// Line breaks within JSON text are white space.
void StdioChannel::write(std::string_view json) const {
    std::string line(json);
    for (char& c : line)
        if (c == '\n' || c == '\r') c = ' ';
    write_(line);
}

void StdioChannel::handle(std::string message) {
    const std::size_t size = message.size();
    message.append(MessageReader::padding, '\0');
    const RequestContext request{
        .caller = caller_, .grants = grants_, .peer = channel, .began = clock_.steady(), .token = nullptr};
    const Incoming incoming{.request = std::make_shared<const RequestContext>(request),
                            .kind = {true, true},
                            .session = &session_,
                            .channel = channel,
                            .carriesStreams = true};
    StdioResponseWriter writer([this, alive = alive_](std::string_view json) {
        if (*alive) write(json);
    });
    const auto read = messages_.read(std::string_view(message).substr(0, size));
    if (const auto* fault = std::get_if<MessageFault>(&read)) protocol_.refuse(incoming, writer, *fault);
    else protocol_.handle(incoming, writer, std::get<Message>(read));
}

} // namespace gatehouse::mcp
