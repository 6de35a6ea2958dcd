#include "server/route_table.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

struct Nothing final : http::Handler {
    http::HeadAnswer onHead(http::Exchange&) override { return http::HeadAnswer::refused; }
    void onRequest(http::Exchange&) override {}
};

http::Handler* at(const http::Router& routes, std::string_view path, std::string_view method = "GET") {
    http::RequestHead head;
    head.method = method;
    head.path = path;
    return routes.find(head);
}

} // namespace

TEST_CASE("the path of the public URL, without its last slash") {
    Config config;
    for (const auto& [url, path] :
         std::initializer_list<std::pair<const char*, const char*>>{{"", ""},
                                                                    {"https://a.example", ""},
                                                                    {"https://a.example/", ""},
                                                                    {"https://a.example/apps/db", "/apps/db"},
                                                                    {"https://a.example/apps/db/", "/apps/db"},
                                                                    {"https://a.example/apps?x=1", "/apps"}}) {
        config.http.publicUrl = url;
        CHECK(pathPrefixOf(config) == path);
    }
}

TEST_CASE("D09, U10: everything is reached with the public path before it and without") {
    Config config;
    config.http.publicUrl = "https://a.example/apps/db";
    Nothing endpoint, health, ready, metadata;
    const auto routes = routesOf(config, {endpoint, health, ready, &metadata, nullptr});
    for (const char* path : {"/mcp", "/apps/db/mcp", "/mcp/sse", "/apps/db/messages"})
        CHECK(at(routes, path) == &endpoint);
    for (const char* path : {"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp",
                             "/.well-known/oauth-protected-resource/apps/db/mcp"})
        CHECK(at(routes, path) == &metadata);
    CHECK(at(routes, "/apps/db/health") == &health);
    CHECK(at(routes, "/sse") == nullptr);
    CHECK(at(routes, "/register") == nullptr);
}

TEST_CASE("U03: where there is no sign-in, that is told at every place where clients look") {
    Config config;
    config.http.legacySse = true;
    Nothing endpoint, health, ready, noSignIn;
    const auto routes = routesOf(config, {endpoint, health, ready, nullptr, &noSignIn});
    CHECK(at(routes, "/register") == &noSignIn);
    CHECK(at(routes, "/.well-known/oauth-authorization-server") == &noSignIn);
    CHECK(at(routes, "/sse") == &endpoint);
    CHECK(at(routes, "/ready") == &ready);
}

TEST_CASE("a public path that is one of our own makes no route twice") {
    for (const char* url : {"https://a.example/mcp", "https://a.example/health", "https://a.example/mcp/sse"}) {
        Config config;
        config.http.publicUrl = url;
        config.http.legacySse = true;
        Nothing endpoint, health, ready, other;
        const auto signIn = routesOf(config, {endpoint, health, ready, &other, nullptr});
        const auto without = routesOf(config, {endpoint, health, ready, nullptr, &other});
        CHECK(at(signIn, pathPrefixOf(config) + "/mcp") == &endpoint);
        CHECK(at(without, pathPrefixOf(config) + "/mcp") == &endpoint);
    }
}

TEST_CASE("probes are for GET and HEAD; MCP answers for every method itself") {
    Nothing endpoint, health, ready, metadata;
    const auto routes = routesOf({}, {endpoint, health, ready, &metadata, nullptr});
    CHECK(at(routes, "/health", "HEAD") == &health);
    CHECK(at(routes, "/health/") == &health);
    CHECK(at(routes, "/ready", "POST") != &ready);
    CHECK(at(routes, "/ready", "POST") != nullptr);
    CHECK(at(routes, "/mcp", "PUT") == &endpoint);
    CHECK(at(routes, "/.well-known/oauth-protected-resource/mcp", "OPTIONS") == &metadata);
}
