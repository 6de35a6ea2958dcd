// The way of a request through the endpoint: what refuses it, in which order, and who answers it.
#include "mcp/endpoint.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/fake_exchange.hpp"
#include "support/scripted_factory.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const std::string json = "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream";
const std::string alice = "\r\nAuthorization: Bearer alice";
const std::string bob = "\r\nAuthorization: Bearer bob";

std::string post(const std::string& fields) { return "POST /mcp HTTP/1.1\r\nHost: localhost" + fields; }
std::string get(const std::string& fields) {
    return "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream" + fields;
}
std::string rpc(const std::string& method, const std::string& params = "{}", const std::string& id = "1") {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params + "}";
}

class EndpointSite {
public:
    explicit EndpointSite(bool validatorIsInline = true) {
        validator.runsInline = validatorIsInline;
        GateOptions gateOptions;
        gateOptions.validatorName = "scripted";
        thread.on([&] {
            const auto post = [this](std::function<void()> work) { thread.loop.post(std::move(work)); };
            const auto gone = [this](const std::string& key) { endpoint->identityGone(key); };
            gate.emplace(gateOptions, GatePort{thread.clock, log.log, observer, *workers, post, gone}, &validator);
            EndpointOptions options;
            options.trustedProxies = {*AddressRange::parse("192.0.2.1")};
            endpoint.emplace(std::move(options),
                             EndpointPort{thread.loop, thread.clock, observer, log.log, *workers, *gate, factory},
                             HostGuard({}, {}), std::vector<Tool>{toolNamed("fast", true), toolNamed("work")});
        });
    }
    ~EndpointSite() {
        latch.open();
        workers.reset();
        thread.settle();
        thread.on([&] {
            endpoint.reset();
            gate.reset();
        });
        thread.stop();
    }
    // The whole way of one request, as a connection takes it.
    FakeExchange& send(const std::string& head, const std::string& body = "") {
        exchanges.push_back(std::make_unique<FakeExchange>(thread.loop, head, body));
        FakeExchange& exchange = *exchanges.back();
        const HeadAnswer answer = thread.on([&] {
            const HeadAnswer decided = endpoint->onHead(exchange);
            if (decided == HeadAnswer::go) endpoint->onRequest(exchange);
            return decided;
        });
        if (answer == HeadAnswer::wait) {
            waitUntil([&] { return exchange.isOver() || exchange.proceeded > 0; });
            if (exchange.proceeded > 0) thread.on([&] { endpoint->onRequest(exchange); });
        }
        return exchange;
    }
    bool waitUntil(const std::function<bool()>& seen) {
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (std::chrono::steady_clock::now() < until)
            if (thread.on(seen)) return true;
        return false;
    }
    std::string openSession(const std::string& who) {
        const std::string headers =
            send(post(json + who), rpc("initialize", R"({"protocolVersion":"2025-06-18"})")).headers;
        return headers.substr(0, headers.size() - 2); // the header line
    }

    LoopThread thread;
    CountingObserver observer;
    KeptLog log;
    ScriptedFactory factory;
    ScriptedValidator validator;
    Latch latch;
    std::optional<WorkerPool> workers{std::in_place, WorkerPoolOptions{8, 8, std::chrono::milliseconds(10'000)},
                                      [](std::string_view) {}};
    std::optional<Gate> gate;
    std::optional<Endpoint> endpoint;
    std::vector<std::unique_ptr<FakeExchange>> exchanges;
};

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
             {"a foreign Host, before the token is looked at", evil + json, 403, "rejected host"},
             {"a foreign Origin", post(json + alice + "\r\nOrigin: https://evil"), 403, "rejected host"},
             {"another method", "PUT /mcp HTTP/1.1\r\nHost: localhost" + json, 405, "rejected method"},
             {"OPTIONS", "OPTIONS /mcp HTTP/1.1\r\nHost: localhost", 405, "rejected method"},
             {"another media type", post("\r\nContent-Type: text/plain" + alice), 415, "rejected media_type"},
             {"no media type", post(alice), 415, "rejected media_type"},
             {"a compressed body", post(json + alice + "\r\nContent-Encoding: gzip"), 415, "rejected media_type"},
             {"an Accept of nothing we have", post("\r\nContent-Type: application/json\r\nAccept: text/html" + alice),
              406, "rejected accept"},
             {"GET for no stream", "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/html" + alice, 405,
              "rejected accept"},
             {"no token", post(json), 401, "rejected no_token"},
             {"two tokens", post(json + alice + bob), 400, "rejected two_credentials"}}) {
        DYNAMIC_SECTION(row.what) {
            EndpointSite site;
            const FakeExchange& got = site.send(row.head, rpc("tools/list"));
            CHECK(got.status == row.status);
            CHECK(Json::parse(got.answer).contains("error"));
            CHECK((got.headers.find("Allow: ") != std::string::npos) == (row.status == 405));
            CHECK((got.headers.find("WWW-Authenticate: ") != std::string::npos) ==
                  (row.status == 401 || row.status == 400));
            CHECK(site.observer.decisions == std::vector<std::string>{row.told});
            CHECK(site.validator.asked == 0);
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
            EndpointSite site;
            const FakeExchange& got = site.send(post(json + alice), row.body);
            CHECK(got.status == 400);
            CHECK(Json::parse(got.answer).at("error").at("code") == row.code);
            CHECK(site.observer.decisions == std::vector<std::string>{"error malformed"});
        }
    }
}

TEST_CASE("a validator that may block is asked on a worker, and its caller answered afterwards") {
    EndpointSite site(false);
    const FakeExchange& good = site.send(post(json + alice), rpc("tools/list"));
    CHECK(good.proceeded == 1);
    CHECK(good.status == 200);
    site.validator.verdict = [](const TokenRequest&) { return Rejected{Rejected::Reason::unknown, "", {}}; };
    const FakeExchange& bad = site.send(post(json + bob), rpc("tools/list"));
    CHECK(bad.status == 401);
    CHECK(bad.proceeded == 0);
}

TEST_CASE("a peer that goes while its token is checked is neither answered nor served") {
    EndpointSite site(false);
    site.validator.verdict = [&](const TokenRequest&) {
        site.latch.pass();
        return Accepted{identityNamed("alice"), {CachePolicy::token, never}};
    };
    FakeExchange gone(site.thread.loop, post(json + alice), rpc("tools/list"));
    CHECK(site.thread.on([&] { return site.endpoint->onHead(gone); }) == HeadAnswer::wait);
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] { gone.abort(); });
    site.latch.open();
    CHECK(site.waitUntil([&] { return site.gate->live().size() == 1; }));
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
            EndpointSite site;
            const FakeExchange& got = site.send(post(json + alice + row.fields), row.body);
            CHECK(got.status == row.status);
            const Json answer = Json::parse(got.answer);
            CHECK(answer.at("id") == 1);
            CHECK(answer.contains("result") == (row.code == 0));
            if (row.code != 0) CHECK(answer.at("error").at("code") == row.code);
        }
    }
}

TEST_CASE("a session belongs to the identity that opened it") {
    EndpointSite site;
    const std::string session = "\r\n" + site.openSession(alice);
    CHECK(site.send(post(json + alice + session), rpc("tools/list")).status == 200);
    CHECK(site.send(post(json + bob + session), rpc("tools/list")).status == 404);
    CHECK(site.send(get(bob + session)).status == 404);
    CHECK(site.send("DELETE /mcp HTTP/1.1\r\nHost: localhost" + bob + session).status == 404);
    CHECK(site.send(post(json + alice + "\r\nMcp-Session-Id: nothing"), rpc("tools/list")).status == 404);
    CHECK(site.send("DELETE /mcp HTTP/1.1\r\nHost: localhost" + alice + session).status == 204);
    CHECK(site.send(post(json + alice + session), rpc("tools/list")).status == 404);
    CHECK(site.send("DELETE /mcp HTTP/1.1\r\nHost: localhost" + alice).status == 405);
}

TEST_CASE("sessions end when their identity is gone, and when they were idle for long") {
    for (const bool revoked : {true, false}) {
        DYNAMIC_SECTION((revoked ? "revoked" : "idle")) {
            EndpointSite site;
            const std::string session = "\r\n" + site.openSession(alice);
            if (revoked) site.thread.on([&] { site.gate->tokensGone({"alice"}); });
            site.thread.turn(revoked ? 0min : 31min);
            site.thread.on([&] { site.endpoint->expireSessions(); });
            CHECK(site.send(post(json + alice + session), rpc("tools/list")).status == 404);
        }
    }
}

TEST_CASE("notifications and responses are accepted without an answer") {
    EndpointSite site;
    CHECK(site.send(post(json + alice), R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status == 202);
    const FakeExchange& response = site.send(post(json + alice), R"({"jsonrpc":"2.0","id":1,"result":{}})");
    CHECK(response.status == 202);
    CHECK(response.answer.empty());
}

TEST_CASE("a call is answered by the backend, in the caller's name") {
    EndpointSite site;
    std::string subject;
    site.factory.make = [&](const Identity& identity) {
        subject = identity.subject;
        site.factory.make = nullptr;
        return site.factory.createClient(identity, Credentials{});
    };
    const FakeExchange& got =
        site.send(post(json + bob), rpc("tools/call", R"({"name":"fast","arguments":{}})", R"("x")"));
    CHECK(subject == "bob");
    CHECK(Json::parse(got.answer).at("result").at("content").at(0).at("text") == "done");
    CHECK(Json::parse(got.answer).at("id") == "x");
    CHECK(site.observer.decisions == std::vector<std::string>{"ok "});
}

TEST_CASE("a call under way is cancelled by its session's notification, and told once") {
    EndpointSite site;
    site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        site.latch.pass();
        return ToolResult::text("late");
    };
    site.factory.interrupt = [&] { site.latch.open(); };
    const std::string session = "\r\n" + site.openSession(alice);
    FakeExchange& call = site.send(post(json + alice + session), rpc("tools/call", R"({"name":"work"})"));
    REQUIRE(site.latch.waitForArrivals(1));
    CHECK_FALSE(call.isOver());
    site.send(post(json + bob), R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
    CHECK_FALSE(call.isOver());
    site.send(post(json + alice + session),
              R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
    CHECK(call.status == 202);
    CHECK(std::count(site.observer.decisions.begin(), site.observer.decisions.end(), "cancelled by_client") == 1);
}

TEST_CASE("a stream is opened for legacy clients, and ends with token and session") {
    EndpointSite site;
    const std::string session = "\r\n" + site.openSession(alice);
    FakeExchange& bySession = site.send(get(alice + session));
    FakeExchange& byToken = site.send(get(bob));
    CHECK((bySession.streaming && byToken.streaming));
    CHECK(site.send(get(alice + "\r\nMCP-Protocol-Version: 2026-07-28")).status == 405);
    site.send("DELETE /mcp HTTP/1.1\r\nHost: localhost" + alice + session);
    CHECK(bySession.finished);
    CHECK_FALSE(byToken.finished);
    site.thread.on([&] { site.gate->tokensGone({"bob"}); });
    CHECK(byToken.finished);
    FakeExchange& last = site.send(get(alice));
    site.thread.on([&] { site.endpoint->endStreams(); });
    CHECK(last.finished);
}

TEST_CASE("the validator hears the address that a trusted proxy tells") {
    EndpointSite site;
    std::string peer;
    site.validator.verdict = [&](const TokenRequest& request) {
        peer = request.peer;
        return Accepted{identityNamed("alice"), {}};
    };
    site.send(post(json + alice + "\r\nX-Forwarded-For: 9.9.9.9, 203.0.113.5"), rpc("ping"));
    CHECK(peer == "203.0.113.5");
}
