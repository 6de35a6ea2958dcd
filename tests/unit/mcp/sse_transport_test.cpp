// The transport of 2024-11-05, reached as the endpoint reaches it.
#include "mcp/transport/sse_transport.hpp"

#include <catch2/catch.hpp>

#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

std::string stream(const std::string& who) {
    return "GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream" + who;
}

struct Fixture : ProtocolSite {
    explicit Fixture(GateOptions options = {}) : ProtocolSite(true, {}, std::move(options)) {}
    // Opens a stream and remembers where it says to post to.
    FakeExchange& open(const std::string& who = alice) {
        FakeExchange& exchange = send(stream(who));
        const std::string begin = ": open\n\nevent: endpoint\ndata: ";
        if (exchange.answer.find(begin) == 0)
            place = exchange.answer.substr(begin.size(), exchange.answer.find('\n', begin.size()) - begin.size());
        return exchange;
    }
    FakeExchange& say(const std::string& message, const std::string& who = alice) {
        return send("POST " + place + " HTTP/1.1\r\nHost: localhost" + takesJson + who, message);
    }
    std::string place;
};

std::string event(const std::string& json) { return "event: message\ndata: " + json + "\n\n"; }

} // namespace

TEST_CASE("a stream names the place to post to, and every answer is an event of it") {
    Fixture f;
    FakeExchange& opened = f.open();
    CHECK(opened.contentType == "text/event-stream");
    CHECK(f.place.find("/messages?session=") == 0);
    CHECK(f.telemetry.gauges[Gauge::sessions] == 1);
    const std::string before = opened.answer;
    const FakeExchange& posted = f.say(rpc("ping"));
    CHECK(posted.status == 202);
    CHECK(opened.answer == before + event(R"({"jsonrpc":"2.0","id":1,"result":{}})"));
    f.say("{");
    CHECK(opened.answer.find("-32700") != std::string::npos);
    CHECK(f.say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status == 202);
}

TEST_CASE("a client of that time shakes hands and calls, and hears of changes") {
    Fixture f;
    FakeExchange& opened = f.open();
    f.say(rpc("initialize", R"({"protocolVersion":"2024-11-05"})"));
    CHECK(opened.answer.find(R"("protocolVersion":"2024-11-05")") != std::string::npos);
    f.say(rpc("tools/call", R"({"name":"work"})", "2"));
    REQUIRE(f.waitUntil([&] { return opened.answer.find("done") != std::string::npos; }));
    f.protocol->changed(Change::tools, "");
    CHECK(f.waitUntil([&] { return opened.answer.find("notifications/tools/list_changed") != std::string::npos; }));
    CHECK(f.telemetry.gauges[Gauge::sessions] == 1);
}

TEST_CASE("a place belongs to who opened it, and to nobody after the stream") {
    Fixture f;
    FakeExchange& opened = f.open();
    CHECK(f.say(rpc("ping"), bob).status == 404);
    const std::string place = f.place;
    for (const char* wrong : {"/messages", "/messages?session=", "/messages?session=nothing", "/messages?x=1"}) {
        f.place = wrong;
        CHECK(f.say(rpc("ping")).status == 404);
    }
    f.place = "/messages?session=" + f.openSession(alice).substr(18);
    CHECK(f.say(rpc("ping")).status == 404); // a session of the later transport
    f.place = place;
    f.thread.on([&] { opened.goAway(); });
    CHECK(f.say(rpc("ping")).status == 404);
    CHECK(f.telemetry.gauges[Gauge::sessions] == 1);
}

TEST_CASE("a stream ends with its token, and its session with it") {
    Fixture f;
    FakeExchange& opened = f.open();
    f.thread.on([&] { f.gate->authenticator().tokensGone({"alice"}); });
    CHECK(opened.finished);
    CHECK(f.say(rpc("ping")).status == 404);
    CHECK(f.telemetry.gauges[Gauge::sessions] == 0);
}

TEST_CASE("the answer to a stream that has gone goes nowhere") {
    Fixture f;
    f.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        f.latch.pass();
        return Result::text("late");
    };
    FakeExchange& opened = f.open();
    f.say(rpc("tools/call", R"({"name":"work"})"));
    REQUIRE(f.latch.waitForArrivals(1));
    f.thread.on([&] { opened.goAway(); });
    f.latch.open();
    REQUIRE(f.waitUntil([&] { return f.factory.closed == 1; }));
    f.thread.settle();
    CHECK(f.textOf(opened).find("late") == std::string::npos);
    CHECK(f.thread.faults().empty());
}

TEST_CASE("each path has its method") {
    Fixture f;
    CHECK(f.send("POST /sse HTTP/1.1\r\nHost: localhost" + takesJson + alice, rpc("ping")).status == 405);
    CHECK(f.send("GET /messages HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream" + alice).status == 405);
}

TEST_CASE("A3: a stream whose peer has gone before the verdict leaves no session") {
    Fixture f;
    FakeExchange exchange(f.thread.loop, stream(alice));
    f.thread.on([&] {
        f.endpoint->onHead(exchange);
        exchange.goAway();
        f.endpoint->onRequest(exchange);
    });
    f.thread.settle();
    CHECK(f.protocol->streams().size() == 0);
    CHECK(f.telemetry.gauges[Gauge::sessions] == 0);
    CHECK(f.thread.faults().empty());
}

TEST_CASE("A3: room made for the stream's token may end the session at once") {
    GateOptions options;
    options.authentication.maxLiveTokens = 1;
    Fixture f(options);
    FakeExchange exchange(f.thread.loop, stream(alice));
    auto other = std::make_shared<Caller>(*callerNamed("alice")); // another token of the same identity
    other->tokenDigest = sha256("other");
    f.thread.on([&] {
        f.endpoint->onHead(exchange);
        f.gate->authenticator().live().revoke([](const Caller&) { return true; });
        f.gate->authenticator().live().seen(other); // takes the only place
        f.endpoint->onRequest(exchange);
    });
    CHECK(f.thread.faults().empty());
    CHECK(exchange.finished);
    CHECK(f.telemetry.gauges[Gauge::sessions] == 0);
    CHECK(f.protocol->streams().size() == 0);
}

TEST_CASE("a session that ends takes its stream with it") {
    Fixture f;
    FakeExchange& opened = f.open();
    f.thread.on([&] { f.protocol->sessions().closeAll("alice"); });
    CHECK(opened.finished);
    CHECK(f.protocol->streams().size() == 0);
    CHECK(f.say(rpc("ping")).status == 404);
}

TEST_CASE("over the old transport nothing can end a subscription, so there is none") {
    Fixture f;
    FakeExchange& opened = f.open();
    CHECK(f.say(rpc("subscriptions/listen", "{" + modernMeta + "}")).status == 202);
    CHECK(opened.answer.find("needs an HTTP request of its own") != std::string::npos);
    CHECK(f.protocol->subscriptions().size() == 0);
}
