#include "mcp/transport/sse_transport.hpp"

#include <utility>

namespace gatehouse::mcp {

namespace {

constexpr std::string_view sessionParameter = "session=";

// Answers into the stream of a session, as long as there is one.
class PushCarrier final : public ResponseWriter {
public:
    using Push = std::function<void(std::string_view)>;
    explicit PushCarrier(Push push) : push_(std::move(push)) {}
    bool acceptsMessages() const override { return true; }
    void message(std::string_view json) override { push_(json); }
    void answer(int, std::string_view json, std::string_view) override { push_(json); }
    void end(const GateRefusal*) override {}
    void whenGone(std::function<void()>) override {} // a lost connection cancels nothing in this era
    std::shared_ptr<ResponseWriter> keep() override { return std::make_shared<PushCarrier>(push_); }

private:
    const Push push_;
};

} // namespace

bool SseTransport::open(http::Exchange& exchange, LiveIdentities& live, const CallerPtr& caller) {
    EventStreams& streams = protocol_.streams();
    const auto stream = streams.newId();
    const std::string key = caller->identity.isolationKey;
    Session* const opened = protocol_.sessions().open(key, "2024-11-05");
    if (!opened) return false;
    Session& session = *opened;
    const std::string id = session.id;
    session.push = [&streams, stream](std::string_view json) {
        std::string event;
        appendEvent(event, json);
        streams.send(stream, event);
    };
    session.hangUp = [&streams, stream] { streams.end(stream); };
    // From here on the session may end with its stream: it is known by its id only.
    streams.open(stream, exchange, live, caller, true,
                 [this, id, key](EventStreams::Id, EventStreams::Ended) { protocol_.sessions().close(id, key); });
    streams.send(stream, "event: endpoint\ndata: " + pathPrefix_ + messagePath + "?" + std::string(sessionParameter) +
                             id + "\n\n");
    return true;
}

bool SseTransport::dispatch(http::Exchange& exchange, Incoming incoming,
                            const std::variant<Message, MessageFault>& read) {
    const std::string_view query = exchange.head().query;
    const bool named = query.substr(0, sessionParameter.size()) == sessionParameter;
    incoming.session = named ? protocol_.sessions().find(query.substr(sessionParameter.size()),
                                                         incoming.request->caller->identity.isolationKey)
                             : nullptr;
    if (!incoming.session || !incoming.session->push) return false;
    const std::string channel = incoming.session->id;
    incoming.channel = channel;
    incoming.exchange = nullptr; // it is answered now
    incoming.head = nullptr;
    incoming.kind = {true, true};
    PushCarrier writer(incoming.session->push);
    if (const auto* fault = std::get_if<MessageFault>(&read)) protocol_.refuse(incoming, writer, *fault);
    else protocol_.handle(incoming, writer, std::get<Message>(read));
    exchange.reply({202, "text/plain", "Accepted", "", false});
    return true;
}

} // namespace gatehouse::mcp
