// The HTTP+SSE transport of 2024-11-05: a stream, and a place to post to.
#include "mcp/sse_transport.hpp"

#include <catch2/catch.hpp>

#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

const std::string openOld = "GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream";

std::string placeIn(const std::string& stream) {
    const std::string mark = "event: endpoint\ndata: ";
    const std::size_t at = stream.find(mark);
    if (at == std::string::npos) return {};
    return stream.substr(at + mark.size(), stream.find('\n', at + mark.size()) - at - mark.size());
}

std::string postTo(const std::string& place, const std::string& fields) {
    return "POST " + place + " HTTP/1.1\r\nHost: localhost" + fields;
}

} // namespace

TEST_CASE("the first event names the place to post to; answers are events of the stream") {
    ProtocolSite site;
    FakeExchange& stream = site.send(openOld + alice);
    const std::string place = placeIn(site.textOf(stream));
    REQUIRE(place.rfind("/messages?session=", 0) == 0);
    CHECK(site.send(postTo(place, takesJson + alice), rpc("ping", "{}", "5")).status == 202);
    CHECK(site.textOf(stream).find(R"(data: {"jsonrpc":"2.0","id":5,"result":{}})") != std::string::npos);
}

TEST_CASE("the session of a stream is of its caller, and ends with it") {
    ProtocolSite site;
    FakeExchange& stream = site.send(openOld + alice);
    const std::string place = placeIn(site.textOf(stream));
    CHECK(site.send(postTo(place, takesJson + bob), rpc("ping")).status == 404);
    CHECK(site.send(postTo("/messages", takesJson + alice), rpc("ping")).status == 404);
    CHECK(site.send(postTo("/messages?session=unknown", takesJson + alice), rpc("ping")).status == 404);
    site.thread.on([&] { stream.goAway(); });
    CHECK(site.send(postTo(place, takesJson + alice), rpc("ping")).status == 404);
}

TEST_CASE("a session of another transport cannot be posted to, nor the other way round") {
    ProtocolSite site;
    const std::string line = site.openSession(alice);
    const std::string id = line.substr(line.find(": ") + 2);
    CHECK(site.send(postTo("/messages?session=" + id, takesJson + alice), rpc("ping")).status == 404);
}

TEST_CASE("what is no message is answered in the stream") {
    ProtocolSite site;
    FakeExchange& stream = site.send(openOld + alice);
    const std::string place = placeIn(site.textOf(stream));
    CHECK(site.send(postTo(place, takesJson + alice), "{").status == 202);
    CHECK(site.textOf(stream).find("-32700") != std::string::npos);
}

TEST_CASE("each of the two paths has its method") {
    ProtocolSite site;
    CHECK(site.send("POST /sse HTTP/1.1\r\nHost: localhost" + takesJson + alice).status == 405);
    CHECK(site.send("GET /messages HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream" + alice).status == 405);
}
