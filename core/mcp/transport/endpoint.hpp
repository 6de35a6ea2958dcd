// Endpoint: the MCP resource. Lets a request in at its head, reads its message, and hands it to a method.
//
//   onHead     Host and Origin -> gate -> method -> media type -> Accept         before a byte of the body
//   onRequest  revoked or expired meanwhile? -> message, parsed once -> Protocol
//
// The caller is asked for before the form is judged: who looks with a GET whether to sign in is told.
//
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/cors.hpp"
#include "http/exchange.hpp"
#include "http/host_guard.hpp"
#include "http/peer.hpp"
#include "mcp/message/message.hpp"
#include "mcp/protocol.hpp"
#include "mcp/transport/request_form.hpp"
#include "mcp/transport/sse_transport.hpp"

namespace gatehouse::mcp {

class Batch;

struct EndpointOptions {
    http::HostGuard guard;
    http::Cors cors{};
    std::vector<http::AddressRange> trustedProxies{};
    std::string pathPrefix{}; // of http.public_url, without a slash at its end: paths may come with or without it
    bool opensOldStreamsEverywhere = false; // GET /mcp without a session is the transport of 2024-11-05
};

class Endpoint final : public http::Handler {
public:
    Endpoint(Protocol& protocol, Gate& gate, const Clock& clock, EndpointOptions options);
    ~Endpoint() override;

    http::HeadAnswer onHead(http::Exchange& exchange) override;
    void onRequest(http::Exchange& exchange) override;
    std::string commonHeaders(const http::RequestHead& head) const override { return options_.cors.linesFor(head); }
    std::string refusalBody(int status, std::string_view why) const override;

    // Without the prefix, each is a route of this handler.
    static std::vector<std::string> paths();

private:
    struct Visit; // what is kept of a request between its head and its answer
    http::HeadAnswer refuse(http::Exchange& exchange, int status, std::string_view text, std::string_view reason,
                            std::string_view headers = {});
    http::HeadAnswer refuse(http::Exchange& exchange, const GateRefusal& refusal);
    bool passesGuard(http::Exchange& exchange);
    Place placeOf(const http::RequestHead& head) const;
    std::string_view ownPath(const http::RequestHead& head) const;
    bool hasForm(http::Exchange& exchange);
    http::HeadAnswer admit(http::Exchange& exchange);
    http::HeadAnswer letIn(http::Exchange& exchange, Admitted admitted);
    void admitLater(http::Exchange& exchange, PendingAdmission pending);
    http::HeadAnswer answered(http::Exchange& exchange, GateAnswer answer);
    bool admitsAgain(http::Exchange& exchange, Visit& visit);

    void takeBatch(http::Exchange& exchange, const std::shared_ptr<Visit>& visit);
    bool takesBatches(const http::Exchange& exchange, const Visit& visit);
    void takeOfBatch(const Incoming& incoming, const std::shared_ptr<Batch>& batch, std::string& text);
    void openStream(http::Exchange& exchange, const Visit& visit);
    void openOldStream(http::Exchange& exchange, const Visit& visit);
    void openSessionStream(http::Exchange& exchange, const Visit& visit, std::string_view id);
    bool hasRoomForStream(http::Exchange& exchange, const Visit& visit);
    void deleteSession(http::Exchange& exchange, const Visit& visit);
    void report(const http::Exchange& exchange, CallEnd end) const;

    Protocol& protocol_;
    Gate& gate_;
    const Clock& clock_;
    const EndpointOptions options_;
    MessageReader reader_;
    SseTransport oldTransport_;
};

} // namespace gatehouse::mcp
