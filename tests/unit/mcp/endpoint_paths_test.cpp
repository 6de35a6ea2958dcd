// Under which paths the MCP resource is reached, with the path of the public URL before them and without.
#include "mcp/transport/endpoint.hpp"

#include <catch2/catch.hpp>

#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::test;

TEST_CASE("U10: a path before ours is understood, and told to old clients") {
    ProtocolSite site(true, {}, {}, {.gated = {.guard = HostGuard({}, {})}, .pathPrefix = "/apps/db"});
    const std::string at = " HTTP/1.1\r\nHost: localhost";
    const FakeExchange& opened = site.send("GET /apps/db/mcp/sse" + at + "\r\nAccept: text/event-stream" + alice);
    const std::string begin = "event: endpoint\ndata: ";
    const std::size_t from = opened.answer.find(begin) + begin.size();
    const std::string place = opened.answer.substr(from, opened.answer.find('\n', from) - from);
    CHECK(place.find("/apps/db/messages?session=") == 0);
    CHECK(site.send("POST " + place + at + takesJson + alice, rpc("ping")).status == 202);
    CHECK(site.send("GET /apps/db/mcp/initialize" + at + alice).status == 405);
}

TEST_CASE("U10: a path that only begins like the public one is not cut") {
    ProtocolSite site(true, {}, {},
                      {.gated = {.guard = HostGuard({}, {})}, .pathPrefix = "/mc", .opensOldStreamsEverywhere = true});
    const std::string at = " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream";
    CHECK(site.send("GET /mc/mcp" + at + alice).status == 200); // a stream, where there may be one
    CHECK(site.send("GET /mcp/initialize" + at + alice).status == 405);
    CHECK(site.send("GET /mc/mcp/initialize" + at + alice).status == 405);
}
