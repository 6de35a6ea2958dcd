#include "mcp/transport/refusal_body.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

using namespace gatehouse;

TEST_CASE("U02: the code is the status where a caller is refused, else that of an invalid request") {
    for (const int status : {401, 403, 429, 503})
        CHECK(Json::parse(mcp::refusalBody(status, "x")).at("error").at("code") == status);
    for (const int status : {400, 404, 405, 406, 408, 413, 415})
        CHECK(Json::parse(mcp::refusalBody(status, "x")).at("error").at("code") == -32600);
}

TEST_CASE("U02: words of strangers stay within their string") {
    const Json told = Json::parse(mcp::refusalBody(415, "\"}],\n\x01"));
    CHECK(told.at("error").at("message") == "415: \"}],\n\x01");
    CHECK_FALSE(told.at("error").contains("data"));
}

TEST_CASE("U02: too few scopes are told with the scopes that are needed") {
    const Json told = Json::parse(mcp::refusalBody(Challenge().insufficientScope({"read:a", "write:b"})));
    CHECK(told.at("error").at("message") == "403: the access token lacks scopes; needed: read:a write:b");
    CHECK(told.at("error").at("data").at("error") == "insufficient_scope");
}

TEST_CASE("U02: the status line says it too, in printable letters only") {
    CHECK(mcp::refusalPhrase(Challenge().invalidToken("expired")) ==
          "Unauthorized: the access token is not valid (unknown, expired or removed)");
    const std::string phrase = mcp::refusalPhrase(Challenge().insufficientScope({"a\r\nX: y", std::string(500, 'z')}));
    CHECK(phrase.find_first_of("\r\n") == std::string::npos);
    CHECK(phrase.size() < 250);
}
