// Endpoint: the MCP resource. Lets a request in at its head, reads its message, and hands it to a method.
//
//   onHead     Host and Origin -> method -> media type -> Accept -> gate         before a byte of the body
//   onRequest  message -> era and headers -> session -> method                   parsed once
//
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/gate.hpp"
#include "http/event_loop.hpp"
#include "http/exchange.hpp"
#include "http/host_guard.hpp"
#include "http/peer.hpp"
#include "mcp/event_streams.hpp"
#include "mcp/message.hpp"
#include "mcp/method_table.hpp"
#include "mcp/session_store.hpp"
#include "mcp/tool_methods.hpp"

namespace gatehouse::mcp {

struct EndpointOptions {
    std::chrono::milliseconds callTime{60'000};
    SessionStoreOptions sessions;
    std::vector<http::AddressRange> trustedProxies;
};

// What the endpoint needs of the server; outlives it.
struct EndpointPort {
    http::EventLoop& loop;
    const Clock& clock;
    Observer& observer;
    Log& log;
    WorkerPool& workers;
    Gate& gate;
    ClientFactory& factory;
};

class Endpoint final : public http::Handler {
public:
    Endpoint(EndpointOptions options, EndpointPort port, http::HostGuard guard, std::vector<Tool> tools);
    ~Endpoint() override;

    http::HeadAnswer onHead(http::Exchange& exchange) override;
    void onRequest(http::Exchange& exchange) override;

    void identityGone(const std::string& isolationKey) { sessions_.closeAll(isolationKey); }
    void expireSessions() { sessions_.expire(); }
    void endStreams() { streams_.endAll(); }

private:
    struct Visit; // what is kept of a request between its head and its answer
    http::HeadAnswer refuse(http::Exchange& exchange, int status, std::string_view text, std::string_view reason,
                            std::string_view headers = {});
    http::HeadAnswer refuse(http::Exchange& exchange, const GateRefusal& refusal);
    bool passesGuards(http::Exchange& exchange);
    http::HeadAnswer admit(http::Exchange& exchange);
    http::HeadAnswer letIn(http::Exchange& exchange, CallerPtr caller);
    void admitLater(http::Exchange& exchange, const GateRequest& request);

    void openStream(http::Exchange& exchange, const Visit& visit);
    void deleteSession(http::Exchange& exchange, const Visit& visit);
    void onMessage(http::Exchange& exchange, const Visit& visit, const Message& message);
    void onNotification(http::Exchange& exchange, const Visit& visit, const Message& message);
    void dispatch(MethodCall& call);
    bool findSession(http::Exchange& exchange, const Visit& visit, const Message& message, const Session*& session);
    void fail(http::Exchange& exchange, const Visit& visit, const Message* message, const RpcError& error,
              std::string_view reason);
    void report(const Visit& visit, const http::Exchange& exchange, const Message* message, const MethodEnd& end) const;
    void reportLater(const RunningCall& call, const CallEnd& end) const;

    const EndpointOptions options_;
    const EndpointPort port_;
    const http::HostGuard guard_;
    const ToolRegistry tools_;
    EventStreams streams_;
    SessionStore sessions_;
    ToolMethods toolMethods_;
    MethodTable methods_;
    MessageReader reader_;
};

} // namespace gatehouse::mcp
