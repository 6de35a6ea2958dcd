#include "server/route_table.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

struct Nothing final : http::Handler {
    http::HeadAnswer onHead(http::Exchange&) override { return http::HeadAnswer::refused; }
    void onRequest(http::Exchange&) override {}
};

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
        CHECK(routes.at(path) == &endpoint);
    for (const char* path : {"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp",
                             "/.well-known/oauth-protected-resource/apps/db/mcp"})
        CHECK(routes.at(path) == &metadata);
    CHECK(routes.at("/apps/db/health") == &health);
    CHECK(routes.count("/sse") == 0);
    CHECK(routes.count("/register") == 0);
}

TEST_CASE("U03: where there is no sign-in, that is told at every place where clients look") {
    Config config;
    config.http.legacySse = true;
    Nothing endpoint, health, ready, noSignIn;
    const auto routes = routesOf(config, {endpoint, health, ready, nullptr, &noSignIn});
    CHECK(routes.at("/register") == &noSignIn);
    CHECK(routes.at("/.well-known/oauth-authorization-server") == &noSignIn);
    CHECK(routes.at("/sse") == &endpoint);
    CHECK(routes.at("/ready") == &ready);
}
