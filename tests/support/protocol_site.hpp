// The whole protocol, with a gate that lets in whoever names himself, over exchanges without connections.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loop/worker_pool.hpp"
#include "mcp/transport/endpoint.hpp"
#include "support/fake_exchange.hpp"
#include "support/scripted_factory.hpp"
#include "support/scripted_gate.hpp"

namespace gatehouse::test {

inline const std::string takesJson =
    "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream";
inline const std::string alice = "\r\nAuthorization: Bearer alice";
inline const std::string bob = "\r\nAuthorization: Bearer bob";

inline std::string post(const std::string& fields) { return "POST /mcp HTTP/1.1\r\nHost: localhost" + fields; }
inline std::string get(const std::string& fields) {
    return "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream" + fields;
}
inline std::string rpc(const std::string& method, const std::string& params = "{}", const std::string& id = "1") {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params + "}";
}
inline const std::string modernMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";
inline std::string modernHeaders(const std::string& method, const std::string& name = "") {
    return "\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method +
           (name.empty() ? "" : "\r\nMcp-Name: " + name);
}

class ProtocolSite {
public:
    explicit ProtocolSite(bool validatorIsInline = true, mcp::ProtocolOptions options = {},
                          GateOptions gateOptions = {},
                          mcp::EndpointOptions endpointOptions = {.gated = {.guard = http::HostGuard({}, {})}}) {
        factory.offered.tools = {toolNamed("fast", true), toolNamed("work")};
        validator.runsInline = validatorIsInline;
        gateOptions.authentication.validatorName = "scripted";
        thread.on([&] {
            const auto postWork = [this](std::function<void()> work) { thread.loop.post(std::move(work)); };
            const auto gone = [this](const std::string& key) { protocol->identityGone(key); };
            whole.emplace(gateOptions, AuthenticatorDeps{thread.clock, log.log, telemetry, *workers, postWork, gone},
                          &validator);
            gate = &whole->gate;
            protocol.emplace(
                options, mcp::ProtocolDeps{thread.loop, thread.clock, telemetry, log.log, *workers, *gate, factory});
            endpointOptions.gated.trustedProxies = {*AddressRange::parse("192.0.2.1")};
            endpoint.emplace(*protocol, *gate, thread.clock, endpointOptions);
        });
    }
    ~ProtocolSite() {
        latch.open();
        workers->stop();
        thread.settle();
        thread.on([&] {
            endpoint.reset();
            protocol.reset();
            whole.reset();
        });
        thread.stop();
    }
    ProtocolSite(const ProtocolSite&) = delete;
    ProtocolSite& operator=(const ProtocolSite&) = delete;

    // The whole way of one request, as a connection takes it.
    FakeExchange& send(const std::string& head, const std::string& body = "") {
        exchanges.push_back(std::make_unique<FakeExchange>(thread.loop, head, body));
        FakeExchange& exchange = *exchanges.back();
        const http::HeadAnswer answer = thread.on([&] {
            const http::HeadAnswer decided = endpoint->onHead(exchange);
            if (decided == http::HeadAnswer::go) endpoint->onRequest(exchange);
            return decided;
        });
        if (answer == http::HeadAnswer::wait) {
            waitUntil([&] { return exchange.isOver() || exchange.proceeded > 0; });
            if (exchange.proceeded > 0) thread.on([&] { endpoint->onRequest(exchange); });
        }
        return exchange;
    }
    // A modern request of alice.
    FakeExchange& sendModern(const std::string& method, const std::string& params = "", const std::string& name = "") {
        return send(post(takesJson + alice + modernHeaders(method, name)),
                    rpc(method, "{" + modernMeta + (params.empty() ? "" : "," + params) + "}"));
    }
    bool waitUntil(const std::function<bool()>& seen) {
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (std::chrono::steady_clock::now() < until)
            if (thread.on(seen)) return true;
        return false;
    }
    bool waitFor(const FakeExchange& exchange) {
        return waitUntil([&] { return exchange.isOver(); });
    }
    std::string textOf(const FakeExchange& exchange) {
        return thread.on([&] { return exchange.answer; });
    }
    // The header line of a new session.
    std::string openSession(const std::string& who, const std::string& version = "2025-06-18",
                            const std::string& capabilities = "{}") {
        const std::string params = R"({"protocolVersion":")" + version + R"(","capabilities":)" + capabilities + "}";
        const std::string headers = send(post(takesJson + who), rpc("initialize", params)).headers;
        return "\r\n" + headers.substr(0, headers.size() - 2);
    }

    LoopThread thread;
    CountingTelemetry telemetry;
    KeptLog log;
    ScriptedFactory factory;
    ScriptedValidator validator;
    Latch latch;
    std::optional<WorkerPool> workers{std::in_place, WorkerPoolOptions{8, 8, std::chrono::milliseconds(10'000)},
                                      [](std::string_view) {}};
    std::vector<std::unique_ptr<FakeExchange>> exchanges;
    std::optional<WholeGate> whole;
    Gate* gate = nullptr;
    std::optional<mcp::Protocol> protocol;
    std::optional<mcp::Endpoint> endpoint;
};

} // namespace gatehouse::test
