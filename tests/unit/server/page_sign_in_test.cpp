// The routes of signing in are tested in tests/unit/admin/sign_in_routes_test.cpp.
#include "server/page_sign_in.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a provider is told to come back to the address that browsers use") {
    Config config;
    config.http.publicUrl = "https://mcp.example/prefix";
    config.admin.signIn = {.issuer = "https://idp.example",
                           .clientId = "gatehouse",
                           .clientSecret = "s",
                           .allow = {{"groups", {"a", "b"}}, {"hd", "example.com"}}};
    const admin::SignInOptions options = signInOptionsOf(config);
    CHECK(options.callbackUrl == "https://mcp.example/prefix/admin/callback");
    CHECK(options.issuer == "https://idp.example");
    CHECK(options.allow.at("groups") == std::vector<std::string>{"a", "b"});
    CHECK(options.allow.at("hd") == std::vector<std::string>{"example.com"});
}
