#include "oauth/no_sign_in.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/fake_exchange.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("U03: who looks for a sign-in reads what to do instead") {
    LoopThread thread;
    const auto told = [&](const char* credential) {
        oauth::NoSignIn handler(credential);
        FakeExchange exchange(thread.loop, "POST /register HTTP/1.1\r\nHost: localhost");
        CHECK(handler.onHead(exchange) == http::HeadAnswer::refused);
        CHECK(exchange.status == 404);
        const Json body = Json::parse(exchange.answer);
        CHECK(body.at("error") == "no_sign_in");
        return body.at("error_description").get<std::string>();
    };
    CHECK(
        told("Authorization: Bearer <API token>") ==
        "This server has no sign-in. Set the header Authorization: Bearer <API token>; if it is set, the token is not "
        "valid or too narrow");
    CHECK(told("") == "This server has no sign-in, and needs none.");
    thread.stop();
}

TEST_CASE("U03: it stands where clients look, with and without the path of the public URL") {
    const auto paths = oauth::NoSignIn::paths("/apps/db");
    for (const char* path :
         {"/register", "/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server/mcp",
          "/.well-known/openid-configuration", "/mcp/.well-known/openid-configuration",
          "/.well-known/oauth-protected-resource/apps/db/mcp", "/apps/db/mcp/.well-known/oauth-authorization-server"})
        CHECK(std::count(paths.begin(), paths.end(), path) == 1);
}
