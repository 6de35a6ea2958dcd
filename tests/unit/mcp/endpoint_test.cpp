// The way of a request through the endpoint: what refuses it, in which order, and who answers it.
#include "mcp/transport/endpoint.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

std::string oldStream(const std::string& who) {
    return "GET /mcp/sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream" + who;
}

} // namespace

TEST_CASE("a head that cannot be served is refused before the body, each reason before the next") {
    struct Row {
        const char* what;
        std::string head;
        int status;
        const char* told; // the audit's words
    };
    const std::string evil = "POST /mcp HTTP/1.1\r\nHost: evil";
    for (const Row& row : std::initializer_list<Row>{
             {"a foreign Host, before the token is looked at", evil + takesJson, 403, "rejected host"},
             {"a foreign Origin", post(takesJson + alice + "\r\nOrigin: https://evil"), 403, "rejected host"},
             {"no token", post(takesJson), 401, "rejected no_token"},
             {"U04: no token, and a GET that takes no stream", "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: */*",
              401, "rejected no_token"},
             {"U04: no token, and another method", "PUT /mcp HTTP/1.1\r\nHost: localhost" + takesJson, 401,
              "rejected no_token"},
             {"two tokens", post(takesJson + alice + bob), 400, "rejected two_credentials"},
             {"another method", "PUT /mcp HTTP/1.1\r\nHost: localhost" + takesJson + alice, 405, "rejected method"},
             {"OPTIONS", "OPTIONS /mcp HTTP/1.1\r\nHost: localhost" + alice, 405, "rejected method"},
             {"another media type", post("\r\nContent-Type: text/plain" + alice), 415, "rejected media_type"},
             {"no media type", post(alice), 415, "rejected media_type"},
             {"a compressed body", post(takesJson + alice + "\r\nContent-Encoding: gzip"), 415,
              "rejected content_coding"},
             {"an Accept of nothing we have", post("\r\nContent-Type: application/json\r\nAccept: text/html" + alice),
              406, "rejected accept"},
             {"GET for no stream", "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/html" + alice, 405,
              "rejected accept"},
             {"U01: GET for a stream without a session", get(alice), 405, "rejected method"}}) {
        DYNAMIC_SECTION(row.what) {
            ProtocolSite site;
            const FakeExchange& got = site.send(row.head, rpc("tools/list"));
            CHECK(got.status == row.status);
            const Json told = Json::parse(got.answer);
            CHECK(told.at("jsonrpc") == "2.0");
            CHECK(told.at("error").at("message").get<std::string>().rfind(std::to_string(row.status) + ": ", 0) == 0);
            CHECK(told.at("id").is_null());
            CHECK((got.headers.find("Allow: ") != std::string::npos) == (row.status == 405));
            CHECK((got.headers.find("WWW-Authenticate: ") != std::string::npos) ==
                  (row.status == 401 || row.status == 400));
            CHECK(site.telemetry.decisions == std::vector<std::string>{row.told});
            CHECK((site.validator.asked == 0) == (row.status == 403 || row.status == 401 || row.status == 400));
        }
    }
}

TEST_CASE("a body that is no message is told so with 400") {
    struct Row {
        const char *what, *body;
        int code;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"nothing", "", -32700},
                                    {"no JSON", "{", -32700},
                                    {"a batch", "[]", -32600},
                                    {"an id that is null", R"({"jsonrpc":"2.0","id":null,"method":"x"})", -32600}}) {
        DYNAMIC_SECTION(row.what) {
            ProtocolSite site;
            const FakeExchange& got = site.send(post(takesJson + alice), row.body);
            CHECK(got.status == 400);
            CHECK(Json::parse(got.answer).at("error").at("code") == row.code);
            CHECK(site.telemetry.decisions == std::vector<std::string>{"error malformed"});
        }
    }
}

TEST_CASE("a validator that may block is asked on a worker, and its caller answered afterwards") {
    ProtocolSite site(false);
    const FakeExchange& good = site.send(post(takesJson + alice), rpc("tools/list"));
    CHECK(good.proceeded == 1);
    CHECK(good.status == 200);
    site.validator.verdict = [](const TokenRequest&) { return Rejected{Rejected::Reason::unknown, "", {}}; };
    const FakeExchange& bad = site.send(post(takesJson + bob), rpc("tools/list"));
    CHECK(bad.status == 401);
    CHECK(bad.proceeded == 0);
}

TEST_CASE("a peer that goes while its token is checked is neither answered nor served") {
    ProtocolSite site(false);
    site.validator.verdict = [&](const TokenRequest&) {
        site.latch.pass();
        return Accepted{identityNamed("alice"), CachePolicy::forToken()};
    };
    FakeExchange gone(site.thread.loop, post(takesJson + alice), rpc("tools/list"));
    CHECK(site.thread.on([&] { return site.endpoint->onHead(gone); }) == HeadAnswer::wait);
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] { gone.abort(); });
    site.latch.open();
    CHECK(site.waitUntil([&] { return site.gate->authenticator().live().size() == 1; }));
    site.thread.settle();
    CHECK(gone.proceeded == 0);
    CHECK(gone.answers == 0);
}

TEST_CASE("methods are answered in their era, unknown ones told as such") {
    struct Row {
        const char* what;
        std::string fields, body;
        int status, code; // code 0: a result
    };
    const std::string meta =
        R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}})";
    const std::string modern = "\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: ";
    for (const Row& row : std::initializer_list<Row>{
             {"legacy list without session", "", rpc("tools/list"), 200, 0},
             {"legacy with its version", "\r\nMCP-Protocol-Version: 2025-06-18", rpc("ping"), 200, 0},
             {"legacy unknown method", "", rpc("nothing"), 200, -32601},
             {"a modern method asked for the legacy way", "", rpc("server/discover"), 200, -32601},
             {"a version that nobody speaks", "\r\nMCP-Protocol-Version: 1999-01-01", rpc("ping"), 400, -32600},
             {"modern list", modern + "tools/list", rpc("tools/list", meta), 200, 0},
             {"modern discover", modern + "server/discover", rpc("server/discover", meta), 200, 0},
             {"modern unknown method", modern + "ping", rpc("ping", meta), 404, -32601},
             {"modern header, legacy body", modern + "tools/list", rpc("tools/list"), 400, -32602},
             {"modern body, no headers", "", rpc("tools/list", meta), 400, -32020}}) {
        DYNAMIC_SECTION(row.what) {
            ProtocolSite site;
            const FakeExchange& got = site.send(post(takesJson + alice + row.fields), row.body);
            CHECK(got.status == row.status);
            const Json answer = Json::parse(got.answer);
            CHECK(answer.at("id") == 1);
            CHECK(answer.contains("result") == (row.code == 0));
            if (row.code != 0) CHECK(answer.at("error").at("code") == row.code);
        }
    }
}

TEST_CASE("a session belongs to the identity that opened it") {
    ProtocolSite site;
    const std::string session = site.openSession(alice);
    CHECK(site.send(post(takesJson + alice + session), rpc("tools/list")).status == 200);
    CHECK(site.send(post(takesJson + bob + session), rpc("tools/list")).status == 404);
    CHECK(site.send(get(bob + session)).status == 404);
    CHECK(site.send("DELETE /mcp HTTP/1.1\r\nHost: localhost" + bob + session).status == 404);
    CHECK(site.send(post(takesJson + alice + "\r\nMcp-Session-Id: nothing"), rpc("tools/list")).status == 404);
    CHECK(site.send("DELETE /mcp HTTP/1.1\r\nHost: localhost" + alice + session).status == 204);
    CHECK(site.send(post(takesJson + alice + session), rpc("tools/list")).status == 404);
    CHECK(site.send("DELETE /mcp HTTP/1.1\r\nHost: localhost" + alice).status == 405);
}

TEST_CASE("sessions end when their identity is gone, and when they were idle for long") {
    for (const bool revoked : {true, false}) {
        DYNAMIC_SECTION((revoked ? "revoked" : "idle")) {
            ProtocolSite site;
            const std::string session = site.openSession(alice);
            if (revoked) site.thread.on([&] { site.gate->authenticator().tokensGone({"alice"}); });
            site.thread.turn(revoked ? 0min : 31min);
            site.thread.on([&] { site.protocol->expire(); });
            CHECK(site.send(post(takesJson + alice + session), rpc("tools/list")).status == 404);
        }
    }
}

TEST_CASE("notifications and responses are accepted without an answer") {
    ProtocolSite site;
    CHECK(site.send(post(takesJson + alice), R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status ==
          202);
    const FakeExchange& response = site.send(post(takesJson + alice), R"({"jsonrpc":"2.0","id":1,"result":{}})");
    CHECK(response.status == 202);
    CHECK(response.answer.empty());
}

TEST_CASE("a call is answered by the backend, in the caller's name") {
    ProtocolSite site;
    std::string subject;
    site.factory.make = [&](const Identity& identity) {
        subject = identity.subject;
        site.factory.make = nullptr;
        return site.factory.createClient(identity, Credentials{});
    };
    const FakeExchange& got =
        site.send(post(takesJson + bob), rpc("tools/call", R"({"name":"fast","arguments":{}})", R"("x")"));
    CHECK(subject == "bob");
    CHECK(Json::parse(got.answer).at("result").at("content").at(0).at("text") == "done");
    CHECK(Json::parse(got.answer).at("id") == "x");
    CHECK(site.telemetry.decisions == std::vector<std::string>{"ok "});
}

TEST_CASE("a call under way is cancelled by its session's notification, and told once") {
    ProtocolSite site;
    site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        site.latch.pass();
        return Result::text("late");
    };
    site.factory.interrupt = [&] { site.latch.open(); };
    const std::string session = site.openSession(alice);
    FakeExchange& call = site.send(post(takesJson + alice + session), rpc("tools/call", R"({"name":"work"})"));
    REQUIRE(site.latch.waitForArrivals(1));
    CHECK_FALSE(call.isOver());
    site.send(post(takesJson + bob),
              R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
    CHECK_FALSE(call.isOver());
    site.send(post(takesJson + alice + session),
              R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
    CHECK(call.status == 202);
    CHECK(std::count(site.telemetry.decisions.begin(), site.telemetry.decisions.end(), "cancelled by_client") == 1);
}

TEST_CASE("a stream is opened for legacy clients, and ends with token and session") {
    ProtocolSite site;
    const std::string session = site.openSession(alice);
    FakeExchange& bySession = site.send(get(alice + session));
    FakeExchange& byToken = site.send(oldStream(bob));
    CHECK((bySession.streaming && byToken.streaming));
    CHECK(site.send(get(alice + "\r\nMCP-Protocol-Version: 2026-07-28")).status == 405);
    site.send("DELETE /mcp HTTP/1.1\r\nHost: localhost" + alice + session);
    CHECK(bySession.finished);
    CHECK_FALSE(byToken.finished);
    site.thread.on([&] { site.gate->authenticator().tokensGone({"bob"}); });
    CHECK(byToken.finished);
    FakeExchange& last = site.send(oldStream(alice));
    site.thread.on([&] { site.protocol->endStreams(); });
    CHECK(last.finished);
}

TEST_CASE("the validator hears the address that a trusted proxy tells") {
    ProtocolSite site;
    std::string peer;
    site.validator.verdict = [&](const TokenRequest& request) {
        peer = request.peer;
        return Accepted{identityNamed("alice"), {}};
    };
    site.send(post(takesJson + alice + "\r\nX-Forwarded-For: 9.9.9.9, 203.0.113.5"), rpc("ping"));
    CHECK(peer == "203.0.113.5");
}

// --- sessions that come back, and batches

TEST_CASE("a session's answer that comes later can be fetched again by its events") {
    ProtocolSite site;
    site.factory.call = [&](const CallRequest&, CallContext& context) -> CallOutcome {
        context.progress(1);
        site.latch.pass();
        return Result::text("done");
    };
    const std::string session = site.openSession(alice, "2025-11-25");
    FakeExchange& call = site.send(post(takesJson + alice + session),
                                   rpc("tools/call", R"({"name":"work","_meta":{"progressToken":1}})"));
    REQUIRE(site.waitUntil([&] { return call.answer.find("id: 1-1\n") != std::string::npos; }));
    CHECK(call.answer.find("id: 1-0\ndata: \n\n") != std::string::npos);
    site.thread.on([&] { call.goAway(); });
    FakeExchange& again = site.send(get(alice + session + "\r\nLast-Event-ID: 1-1"));
    CHECK(again.streaming);
    CHECK(again.answer.find("progressToken") == std::string::npos);
    site.latch.open();
    REQUIRE(site.waitFor(again));
    CHECK(again.answer.find("id: 1-2\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\"") !=
          std::string::npos);
    CHECK(site.send(get(bob + session + "\r\nLast-Event-ID: 1-0")).status == 404);
    for (const char* unknown : {"2-1", "nonsense", ""})
        CHECK(site.send(get(alice + session + "\r\nLast-Event-ID: " + unknown)).status == 400);
}

TEST_CASE("a GET stream of a session comes back where it was left") {
    ProtocolSite site;
    const std::string session = site.openSession(alice, "2025-11-25");
    FakeExchange& first = site.send(get(alice + session));
    site.thread.on([&] { site.protocol->changed(Change::resource, "test://nobody"); });
    site.thread.on([&] { site.protocol->changed(Change::tools, ""); });
    REQUIRE(site.waitUntil([&] { return first.answer.find("id: 0-1\n") != std::string::npos; }));
    site.thread.on([&] { first.goAway(); });
    FakeExchange& fresh = site.send(get(alice + session));
    CHECK(fresh.answer == ": open\n\n"); // it asks for nothing of before
    FakeExchange& resumed = site.send(get(alice + session + "\r\nLast-Event-ID: 0-0"));
    CHECK(fresh.finished);
    CHECK(resumed.answer.find("id: 0-1\n") != std::string::npos);
}

TEST_CASE("a batch is for 2025-03-26, in a session or by its header") {
    ProtocolSite site;
    const std::string batch = "[" + rpc("ping", "{}", "1") + "," + rpc("nothing", "{}", R"("b")") +
                              R"(,{"jsonrpc":"2.0","method":"notifications/initialized"},5])";
    const std::string header = "\r\nMCP-Protocol-Version: 2025-03-26";
    for (const std::string& fields : {header, site.openSession(alice, "2025-03-26")}) {
        const FakeExchange& got = site.send(post(takesJson + alice + fields), batch);
        CHECK(got.status == 200);
        const Json answers = Json::parse(got.answer);
        REQUIRE(answers.size() == 3);
        CHECK(answers.at(0) == Json{{"jsonrpc", "2.0"}, {"id", 1}, {"result", Json::object()}});
        CHECK(answers.at(1).at("error").at("code") == -32601);
        CHECK(answers.at(2).at("error").at("code") == -32600);
    }
    for (const std::string& fields :
         {std::string(), site.openSession(alice, "2025-06-18"), std::string("\r\nMCP-Protocol-Version: 2025-11-25")})
        CHECK(site.send(post(takesJson + alice + fields), batch).status == 400);
    const FakeExchange& notes =
        site.send(post(takesJson + alice + header), R"([{"jsonrpc":"2.0","method":"notifications/initialized"}])");
    CHECK(notes.status == 202);
    CHECK(notes.answer.empty());
    for (const char* bad : {"[]", "[", " [ 1"}) CHECK(site.send(post(takesJson + alice + header), bad).status == 400);
}

TEST_CASE("a batch waits for its calls") {
    ProtocolSite site;
    const std::string session = site.openSession(alice, "2025-03-26");
    FakeExchange& got =
        site.send(post(takesJson + alice + session),
                  "[" + rpc("tools/call", R"({"name":"work"})", "1") + "," + rpc("ping", "{}", "2") + "]");
    REQUIRE(site.waitFor(got));
    const Json answers = Json::parse(site.textOf(got));
    REQUIRE(answers.size() == 2);
    CHECK(answers.at(0).at("id") == 2);
    CHECK(answers.at(1).at("result").at("content").at(0).at("text") == "done");
}

TEST_CASE("U01: GET for a stream without a session says how this URL is spoken to, or is the old transport's") {
    ProtocolSite strict;
    const FakeExchange& refused = strict.send(get(alice));
    CHECK(Json::parse(refused.answer).at("error").at("message") == "405: this URL speaks Streamable HTTP: POST");
    CHECK(strict.send(oldStream(alice)).answer.find("event: endpoint\ndata: /messages?session=") != std::string::npos);
    ProtocolSite lenient(true, {}, {}, {.gated = {.guard = HostGuard({}, {})}, .opensOldStreamsEverywhere = true});
    CHECK(lenient.send(get(alice)).answer.find("event: endpoint\n") != std::string::npos);
}

TEST_CASE("U02: a refusal says what is wrong in the words of JSON-RPC and of RFC 6750") {
    ProtocolSite site;
    site.validator.verdict = [](const TokenRequest&) { return Rejected{Rejected::Reason::expired, "inside", {}}; };
    const Json told = Json::parse(site.send(post(takesJson + alice), rpc("ping")).answer).at("error");
    CHECK(told.at("code") == 401);
    CHECK(told.at("message") == "401: the access token is not valid (unknown, expired or removed)");
    CHECK(told.at("data").at("error") == "invalid_token");
    CHECK(told.at("data").at("error_description") == "the access token is not valid (unknown, expired or removed)");
}

TEST_CASE("U09: without sessions none is handed out, and calls go on") {
    ProtocolOptions options;
    options.sessions.handsOut = false;
    ProtocolSite site(true, options);
    const FakeExchange& opened =
        site.send(post(takesJson + alice), rpc("initialize", R"({"protocolVersion":"2025-06-18","capabilities":{}})"));
    CHECK(opened.status == 200);
    CHECK(opened.headers.find("Mcp-Session-Id") == std::string::npos);
    CHECK(site.telemetry.gauges[Gauge::sessions] == 0);
    CHECK(site.send(post(takesJson + alice), rpc("tools/call", R"({"name":"fast"})")).status == 200);
}

TEST_CASE("D12: pages of allowed origins are answered, with what they may read; others are not") {
    const std::string origin = "https://app.example";
    ProtocolSite site(true, {}, {},
                      {.gated = {.guard = HostGuard({}, {origin}), .cors = Cors({origin}, {"X-API-Key"})}});
    const FakeExchange& asked = site.send("OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin +
                                          "\r\nAccess-Control-Request-Method: POST");
    CHECK(asked.status == 204);
    CHECK(asked.headers.find("Access-Control-Allow-Methods: GET, POST, DELETE\r\n") != std::string::npos);
    CHECK(asked.headers.find("X-API-Key") != std::string::npos);
    const FakeExchange& evil = site.send(
        "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example"
        "\r\nAccess-Control-Request-Method: POST");
    CHECK(evil.status == 403);
    CHECK(evil.headers.find("Access-Control") == std::string::npos);
    CHECK(site.endpoint->commonHeaders(asked.head()).find("Access-Control-Allow-Origin: " + origin) !=
          std::string::npos);
    CHECK(site.endpoint->commonHeaders(evil.head()) == "Vary: Origin\r\n");
}

TEST_CASE("D21, D22: null params and arguments are as absent, and a byte order mark is skipped") {
    ProtocolSite site;
    for (const std::string& body :
         {std::string(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":null})"),
          rpc("tools/call", R"({"name":"fast","arguments":null})"), "\xEF\xBB\xBF" + rpc("ping")}) {
        const FakeExchange& got = site.send(post(takesJson + alice), body);
        CHECK(got.status == 200);
        CHECK(Json::parse(got.answer).contains("result"));
    }
}
