#include "server/http_surface.hpp"

#include <set>

#include "base/joined.hpp"
#include "server/route_table.hpp"
#include "server/server_settings.hpp"

namespace gatehouse {

HttpSurface::HttpSurface(const HttpSurfaceDeps& deps)
    : deps_(deps), health_(healthAnswer), ready_([this] { return deps_.readiness.answer(); }),
      metrics_(
          [this] {
              return ProbeAnswer{200, deps_.telemetry.metricsText(deps_.log.dropped()), "text/plain; version=0.0.4"};
          },
          hostGuard().allowingAddresses()) {}

// Pages on the public URL's own origin may call, also where a proxy in front writes another Host.
std::vector<std::string> HttpSurface::origins() const {
    std::vector<std::string> out = deps_.config.http.allowedOrigins;
    if (const std::string own = originOfUrl(deps_.config.http.publicUrl); !own.empty()) out.push_back(own);
    return out;
}

http::HostGuard HttpSurface::hostGuard() const {
    const HttpSettings& http = deps_.config.http;
    std::vector<std::string> hosts = http.allowedHosts;
    if (const std::string host = hostOfUrl(http.publicUrl); !host.empty()) hosts.push_back(host);
    return {hosts, origins()};
}

// `methods`: what pages may send.
GatedOptions HttpSurface::gatedOptions(const std::string& methods) const {
    std::vector<std::string> headers;
    if (auto* validator = deps_.parts.validators.validator()) headers.push_back(validator->traits().header);
    return {.guard = hostGuard(),
            .cors = http::Cors(origins(), headers, methods),
            .trustedProxies = trustedProxies(deps_.config.http.trustedProxies)};
}

mcp::EndpointOptions HttpSurface::endpointOptions() const {
    return {.gated = gatedOptions("GET, POST, DELETE"),
            .pathPrefix = pathPrefixOf(deps_.config),
            .opensOldStreamsEverywhere = deps_.config.http.legacySse};
}

http::Router HttpSurface::routes(mcp::Endpoint& endpoint) {
    addSignInHints();
    http::Router routes = routesOf(deps_.config, {endpoint, health_, ready_, metadata_ ? &*metadata_ : nullptr,
                                                  noSignIn_ ? &*noSignIn_ : nullptr});
    if (deps_.own && !deps_.own->routes.empty()) addOwnRoutes(routes);
    addTokenApi(routes);
    return routes;
}

http::Router HttpSurface::metricsRoutes() {
    http::Router routes;
    routes.add({"GET"}, "/metrics", metrics_);
    return routes;
}

void HttpSurface::addSignInHints() {
    auto* const validator = deps_.parts.validators.validator();
    if (!deps_.parts.metadata.isServed()) {
        noSignIn_.emplace(validator ? credentialOf(*validator) : "");
        return;
    }
    metadata_.emplace(
        [text = deps_.parts.metadata.json()] {
            return ProbeAnswer{200, text, "application/json",
                               "Cache-Control: max-age=300\r\nAccess-Control-Allow-Origin: *\r\n"};
        },
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET\r\n"
        "Access-Control-Allow-Headers: MCP-Protocol-Version\r\nAccess-Control-Max-Age: 7200\r\n");
}

void HttpSurface::addTokenApi(http::Router& routes) {
    if (!deps_.admin) return;
    admin_.emplace(*deps_.admin, deps_.gate.policy(), gatedOptions("GET, POST, PATCH, DELETE"));
    for (const std::string& prefix : std::set<std::string>{"", pathPrefixOf(deps_.config)})
        admin_->addTo(routes, prefix);
}

// They share the workers with the calls of the backend, and have limits like theirs.
void HttpSurface::addOwnRoutes(http::Router& routes) {
    routeRequests_.emplace("route_requests", protocolOptionsOf(deps_.config).budgets.calls, deps_.telemetry);
    const std::string prefix = pathPrefixOf(deps_.config);
    const WorkerHandlerDeps handlerDeps{.clock = deps_.clock,
                                        .log = deps_.log,
                                        .telemetry = deps_.telemetry,
                                        .loop = deps_.loop,
                                        .workers = deps_.workers,
                                        .requests = *routeRequests_,
                                        .time = millis(deps_.config.http.limits.callSeconds)};
    for (const Route& route : deps_.own->routes) {
        if (route.methods.empty()) throw UnusableConfigError("route " + route.pattern + ": has no method");
        OwnRoute& handler =
            ownRoutes_.emplace_back(deps_.gate, handlerDeps, gatedOptions(joined(route.methods, ", ")), route);
        for (const std::string& method : route.methods) {
            routes.add({method}, route.pattern, handler);
            if (!prefix.empty()) routes.add({method}, prefix + route.pattern, handler);
        }
    }
}

} // namespace gatehouse
