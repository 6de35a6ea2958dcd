// Which path of the server's address leads where. Everything of MCP is reached with the path of http.public_url before
// it and without: a proxy in front may take it away or not. Threads: any; nothing is kept.
#pragma once

#include <string>

#include "config/config.hpp"
#include "http/router.hpp"

namespace gatehouse {

struct RouteHandlers {
    http::Handler& endpoint; // of MCP
    http::Handler& health;
    http::Handler& ready;
    http::Handler* metadata = nullptr; // RFC 9728; null: no sign-in
    http::Handler* noSignIn = nullptr; // where there is no sign-in
};

// The path of http.public_url without a slash at its end; empty when it has none.
std::string pathPrefixOf(const Config& config);
http::Router routesOf(const Config& config, const RouteHandlers& handlers);

} // namespace gatehouse
