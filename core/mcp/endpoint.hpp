// Endpoint: the MCP resource. Lets a request in at its head, reads its message, and hands it to a method.
//
//   onHead     Host and Origin -> method -> media type -> Accept -> gate         before a byte of the body
//   onRequest  message, parsed once -> Protocol
//
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/exchange.hpp"
#include "http/host_guard.hpp"
#include "http/peer.hpp"
#include "mcp/message.hpp"
#include "mcp/protocol.hpp"
#include "mcp/sse_transport.hpp"

namespace gatehouse::mcp {

class Batch;

class Endpoint final : public http::Handler {
public:
    Endpoint(Protocol& protocol, Gate& gate, const Clock& clock, http::HostGuard guard,
             std::vector<http::AddressRange> trustedProxies);
    ~Endpoint() override;

    http::HeadAnswer onHead(http::Exchange& exchange) override;
    void onRequest(http::Exchange& exchange) override;

private:
    struct Visit; // what is kept of a request between its head and its answer
    http::HeadAnswer refuse(http::Exchange& exchange, int status, std::string_view text, std::string_view reason,
                            std::string_view headers = {});
    http::HeadAnswer refuse(http::Exchange& exchange, const GateRefusal& refusal);
    bool passesGuards(http::Exchange& exchange);
    http::HeadAnswer admit(http::Exchange& exchange);
    http::HeadAnswer letIn(http::Exchange& exchange, CallerPtr caller);
    void admitLater(http::Exchange& exchange, const GateRequest& request);

    void takeBatch(http::Exchange& exchange, const Visit& visit);
    bool takesBatches(const http::Exchange& exchange, const Visit& visit);
    void takeOfBatch(const Incoming& incoming, const std::shared_ptr<Batch>& batch, std::string& text);
    void openStream(http::Exchange& exchange, const Visit& visit);
    bool hasRoomForStream(http::Exchange& exchange, const Visit& visit);
    void deleteSession(http::Exchange& exchange, const Visit& visit);
    void report(const http::Exchange& exchange, const MethodEnd& end) const;

    Protocol& protocol_;
    Gate& gate_;
    const Clock& clock_;
    const http::HostGuard guard_;
    const std::vector<http::AddressRange> trustedProxies_;
    MessageReader reader_;
    SseTransport oldTransport_; // reached only where its paths are routes
};

} // namespace gatehouse::mcp
