// Endpoint: the MCP resource. Lets a request in at its head, reads its message, and hands it to a method.
//
//   acceptsHead  method -> media type -> Accept       before a byte of the body; the gate was before (GatedHandler)
//   prepare      room in the limits of its token
//   handle       message, parsed once -> Protocol
//
// The credential is judged before the form: a GET without one is answered with how to sign in.
//
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "handler/gated_handler.hpp"
#include "mcp/message/message.hpp"
#include "mcp/protocol.hpp"
#include "mcp/transport/request_form.hpp"
#include "mcp/transport/sse_transport.hpp"

namespace gatehouse::mcp {

class Batch;

struct EndpointOptions {
    GatedOptions gated;
    std::string pathPrefix{}; // of http.public_url, without a slash at its end: paths may come with or without it
    bool opensOldStreamsEverywhere = false; // GET /mcp without a session is the transport of 2024-11-05
};

class Endpoint final : public GatedHandler {
public:
    Endpoint(Protocol& protocol, Gate& gate, const Clock& clock, EndpointOptions options);
    ~Endpoint() override;

    std::string refusalBody(int status, std::string_view why) const override;

    // Without the prefix, each is a route of this handler.
    static std::vector<std::string> paths();

private:
    struct State; // what is kept of a request between its head and its answer
    std::shared_ptr<RequestState> newState() const override;
    bool acceptsHead(http::Exchange& exchange) override;
    http::HeadAnswer prepare(http::Exchange& exchange) override;
    void handle(http::Exchange& exchange) override;
    void answer(http::Exchange& exchange, State& state);
    std::string gateRefusalBody(const GateRefusal& refusal) const override;
    std::string gateRefusalPhrase(const GateRefusal& refusal) const override;
    void report(const http::Exchange& exchange, const CallEnd& end) const override;

    EndpointKind kindOf(const http::RequestHead& head) const;
    std::string_view ownPath(const http::RequestHead& head) const;
    void handleBatch(http::Exchange& exchange, State& state);
    bool supportsBatches(const http::Exchange& exchange, const State& state);
    void handleBatchItem(const Incoming& incoming, const std::shared_ptr<Batch>& batch, std::string& text);
    void openStream(http::Exchange& exchange, const State& state);
    void openOldStream(http::Exchange& exchange, const State& state);
    void openSessionStream(http::Exchange& exchange, const State& state, std::string_view id);
    bool hasRoomForStream(http::Exchange& exchange, const State& state);
    void deleteSession(http::Exchange& exchange, const State& state);

    Protocol& protocol_;
    const EndpointOptions options_;
    MessageReader reader_;
    SseTransport oldTransport_;
};

} // namespace gatehouse::mcp
