#include "server/route_table.hpp"

#include <set>

#include "base/url_parts.hpp"
#include "mcp/transport/endpoint.hpp"
#include "oauth/no_sign_in.hpp"
#include "oauth/resource_metadata.hpp"

namespace gatehouse {

std::string pathPrefixOf(const Config& config) {
    const auto url = urlParts(config.http.publicUrl);
    std::string path(url ? url->path : "");
    while (!path.empty() && path.back() == '/') path.pop_back();
    return path;
}

// A public path such as /mcp makes some of the paths alike: each is a route once.
http::Router routesOf(const Config& config, const RouteHandlers& handlers) {
    const std::string prefix = pathPrefixOf(config);
    std::set<std::string> ofEndpoint, ofMetadata{"", "/mcp", prefix, prefix + "/mcp"};
    http::Router routes;
    for (const std::string& before : std::set<std::string>{"", prefix}) {
        for (const std::string& path : mcp::Endpoint::paths()) ofEndpoint.insert(before + path);
        if (config.http.legacySse) ofEndpoint.insert(before + mcp::SseTransport::streamPath);
        routes.add({"GET"}, before + "/health", handlers.health);
        routes.add({"GET"}, before + "/ready", handlers.ready);
    }
    for (const std::string& path : ofEndpoint) routes.add(path, handlers.endpoint);
    if (handlers.metadata)
        for (const std::string& of : ofMetadata)
            routes.add({"GET", "OPTIONS"}, oauth::resourceMetadataPath + of, *handlers.metadata);
    if (handlers.noSignIn)
        for (const std::string& path : oauth::NoSignIn::paths(prefix)) routes.add(path, *handlers.noSignIn);
    return routes;
}

} // namespace gatehouse
