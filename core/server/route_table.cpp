#include "server/route_table.hpp"

#include "mcp/transport/endpoint.hpp"
#include "oauth/no_sign_in.hpp"
#include "oauth/resource_metadata.hpp"

namespace gatehouse {

std::string pathPrefixOf(const Config& config) {
    const std::string& url = config.http.publicUrl;
    const std::size_t host = url.find("://");
    const std::size_t begin = host == std::string::npos ? host : url.find('/', host + 3);
    if (begin == std::string::npos) return {};
    std::string path = url.substr(begin, url.find_first_of("?#", begin) - begin);
    while (!path.empty() && path.back() == '/') path.pop_back();
    return path;
}

http::Routes routesOf(const Config& config, const RouteHandlers& handlers) {
    const std::string prefix = pathPrefixOf(config);
    http::Routes routes;
    const auto add = [&](const std::string& path, http::Handler& handler) {
        routes.emplace(path, &handler);
        routes.emplace(prefix + path, &handler);
    };
    for (const std::string& path : mcp::Endpoint::paths()) add(path, handlers.endpoint);
    if (config.http.legacySse) add(mcp::SseTransport::streamPath, handlers.endpoint);
    add("/health", handlers.health);
    add("/ready", handlers.ready);
    if (handlers.metadata)
        for (const std::string& of :
             {std::string(), std::string("/mcp"), std::string("/mcp/"), prefix, prefix + "/mcp", prefix + "/mcp/"})
            routes.emplace(oauth::resourceMetadataPath + of, handlers.metadata);
    if (handlers.noSignIn)
        for (const std::string& path : oauth::NoSignIn::paths(prefix)) routes.emplace(path, handlers.noSignIn);
    return routes;
}

} // namespace gatehouse
