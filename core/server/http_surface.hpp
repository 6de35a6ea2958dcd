// HttpSurface: what is reached over HTTP and how it is guarded: the endpoint of MCP, the probes, what tells clients
// where to sign in, and the routes of the program around the server. Threads: one (the loop's).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "loop/worker_pool.hpp"
#include "mcp/transport/endpoint.hpp"
#include "oauth/no_sign_in.hpp"
#include "ops/probe_handlers.hpp"
#include "ops/server_telemetry.hpp"
#include "server/own_parts.hpp"
#include "server/prepared_parts.hpp"
#include "server/ready_probe.hpp"
#include "server/token_admin.hpp"

namespace gatehouse {

// Outlive the surface.
struct HttpSurfaceDeps {
    const Config& config;
    const PreparedParts& parts;
    const ServerParts* own; // of the program; null: none
    const Clock& clock;
    Log& log;
    ServerTelemetry& telemetry;
    EventLoop& loop;
    WorkerPool& workers;
    Gate& gate;                                 // of MCP and of the program's routes
    const std::optional<TokenAdminDeps>& admin; // nothing: no token API
    ReadyProbe& readiness;
};

class HttpSurface {
public:
    explicit HttpSurface(const HttpSurfaceDeps& deps);

    mcp::EndpointOptions endpointOptions() const;
    // Once. The handlers are ours, but for `endpoint`. Throws UnusableConfigError for a route of the program that
    // cannot be one.
    http::Router routes(mcp::Endpoint& endpoint);
    http::Router metricsRoutes();
    TokenAdmin* admin() { return admin_ ? &*admin_ : nullptr; } // null: there is none

private:
    std::vector<std::string> origins() const;
    http::HostGuard hostGuard() const;
    GatedOptions gatedOptions(const std::string& methods) const;
    void addSignInHints();
    void addOwnRoutes(http::Router& routes);
    void addTokenApi(http::Router& routes);

    const HttpSurfaceDeps deps_;
    ProbeHandler health_;
    ProbeHandler ready_;
    ProbeHandler metrics_;
    std::optional<ProbeHandler> metadata_; // RFC 9728
    std::optional<oauth::NoSignIn> noSignIn_;
    std::optional<Budget> routeRequests_;
    std::deque<OwnRoute> ownRoutes_;
    std::optional<TokenAdmin> admin_;
};

} // namespace gatehouse
