// What every protected route does before its own work. MCP's own use of it is in unit/mcp/endpoint_test.cpp.
#include "handler/gated_handler.hpp"

#include <catch2/catch.hpp>

#include "support/fake_exchange.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

class Echo final : public GatedHandler {
public:
    Echo(ScriptedGate& site, GatedOptions options) : GatedHandler(*site.gate, site.clock, std::move(options)) {}
    std::string refusalBody(int status, std::string_view why) const override {
        return "R " + std::to_string(status) + " " + std::string(why);
    }
    std::string_view refusalType() const override { return "text/own"; }
    bool acceptsHead(http::Exchange& exchange) override {
        if (exchange.head().method != "PUT") return true;
        refuse(exchange, 405, "no PUT", "method");
        return false;
    }
    void handle(http::Exchange& exchange) override {
        const auto state = stateOf(exchange);
        exchange.reply({200, "text/plain", state->context.caller->identity.subject, "", false});
    }
    void report(const http::Exchange& exchange, const CallEnd& end) const override {
        const auto& caller = stateOf(exchange)->context.caller;
        ends.push_back(std::to_string(end.httpStatus) + " " + std::string(end.reason) + " of " +
                       (caller ? caller->identity.subject : "nobody"));
    }
    mutable std::vector<std::string> ends;
};

struct Site : ScriptedGate {
    explicit Site(bool runsInline = true, const GateOptions& options = {},
                  GatedOptions gated = {http::HostGuard({}, {})})
        : ScriptedGate(runsInline, 600, options), echo(*this, std::move(gated)) {}
    ~Site() { thread.stop(); }

    // As a connection takes a request.
    FakeExchange& send(const std::string& fields, const std::string& method = "GET") {
        FakeExchange& exchange = head(fields, method);
        if (answer == http::HeadAnswer::go) echo.onRequest(exchange);
        return exchange;
    }
    FakeExchange& head(const std::string& fields, const std::string& method = "GET") {
        exchanges.push_back(
            std::make_unique<FakeExchange>(thread.loop, method + " /echo HTTP/1.1\r\nHost: localhost" + fields));
        answer = echo.onHead(*exchanges.back());
        return *exchanges.back();
    }
    LoopThread thread;
    Echo echo;
    std::vector<std::unique_ptr<FakeExchange>> exchanges;
    http::HeadAnswer answer{};
};

const std::string alice = "\r\nAuthorization: Bearer alice";

} // namespace

TEST_CASE("a caller reaches the route; who is none reads why in the route's form") {
    Site site;
    const FakeExchange& let = site.send(alice);
    CHECK(let.answer == "alice");
    CHECK(std::static_pointer_cast<RequestState>(let.attachment)->context.grants != nullptr);
    const auto& refused = site.send("");
    CHECK(refused.status == 401);
    CHECK(refused.contentType == "text/own");
    CHECK(refused.answer.rfind("R 401 this server wants a token", 0) == 0);
    CHECK(refused.headers.find("WWW-Authenticate: Bearer") != std::string::npos);
    CHECK(site.echo.ends == std::vector<std::string>{"401 no_token of nobody"});
}

TEST_CASE("a foreign host is refused before the gate is asked") {
    Site site;
    const auto& refused = site.send("\r\nOrigin: https://evil.example" + alice);
    CHECK(refused.status == 403);
    CHECK(site.validator.asked == 0);
    CHECK(site.echo.ends == std::vector<std::string>{"403 host of nobody"});
}

TEST_CASE("a page's preflight is answered without a token, and what follows has the page's headers") {
    const std::string page = "https://app.example";
    Site site(true, {}, {.guard = http::HostGuard({}, {page}), .cors = http::Cors({page}, {"Authorization"})});
    const auto& preflight = site.send("\r\nOrigin: " + page + "\r\nAccess-Control-Request-Method: POST", "OPTIONS");
    CHECK(preflight.status == 204);
    CHECK(preflight.headers.find("Access-Control-Allow-Methods") != std::string::npos);
    CHECK(site.validator.asked == 0);
    CHECK(site.echo.commonHeaders(site.head("\r\nOrigin: " + page + alice).head()).find(page) != std::string::npos);
}

TEST_CASE("the route's own look at the head comes after the gate") {
    Site site;
    CHECK(site.send(alice, "PUT").status == 405);
    CHECK(site.send("", "PUT").status == 401);
    CHECK(site.echo.ends == std::vector<std::string>{"405 method of alice", "401 no_token of nobody"});
}

TEST_CASE("a method that the resource has not is told to callers only, with what it has") {
    Site site;
    const auto asked = [&](const std::string& method, const std::string& fields) -> FakeExchange& {
        site.exchanges.push_back(
            std::make_unique<FakeExchange>(site.thread.loop, method + " /echo HTTP/1.1\r\nHost: localhost" + fields));
        FakeExchange& exchange = *site.exchanges.back();
        const_cast<http::RequestHead&>(exchange.head()).allow = "GET, HEAD, OPTIONS";
        site.echo.onHead(exchange);
        return exchange;
    };
    CHECK(site.echo.acceptsEveryMethod()); // so the router asks it
    CHECK(asked("DELETE", "").status == 401);
    CHECK(asked("DELETE", alice).status == 405);
    CHECK(asked("DELETE", alice).headers == "Allow: GET, HEAD, OPTIONS\r\n");
    CHECK(asked("OPTIONS", alice).status == 204);
    CHECK(site.echo.ends.back() == "204  of alice");
}

TEST_CASE("a token that is revoked while the body comes is refused") {
    Site site;
    FakeExchange& exchange = site.head(alice);
    REQUIRE(site.answer == http::HeadAnswer::go);
    site.validator.verdict = [](const TokenRequest&) { return Rejected{Rejected::Reason::revoked, "", {}, {}}; };
    site.gate->authenticator().tokensGone({"alice"});
    site.echo.onRequest(exchange);
    CHECK(exchange.status == 401);
}

TEST_CASE("whoever has too few scopes is told apart from nobody in the report") {
    GateOptions options;
    options.policy = Policy(Settings(Json::parse(R"({"required_scopes":["a"]})"), "auth.policy"));
    Site site(true, options);
    CHECK(site.send(alice).status == 403);
    CHECK(site.echo.ends == std::vector<std::string>{"403 insufficient_scope of alice"});
}

TEST_CASE("a decision says who, what and how long") {
    ScriptedGate site;
    const RequestContext request{.caller = callerNamed("alice"),
                                 .grants = nullptr,
                                 .peer = "192.0.2.9",
                                 .began = SteadyTime(),
                                 .token = nullptr};
    http::RequestHead head;
    head.method = "GET";
    head.path = "/x";
    const auto decision = auditEventOf(request, &head, {Outcome::limited, "streams", 429, "too many"},
                                       SteadyTime() + std::chrono::seconds(2));
    CHECK(decision.subject == "alice");
    CHECK(decision.peer == "192.0.2.9");
    CHECK(decision.outcome == Outcome::limited);
    CHECK(decision.reason == "streams");
    CHECK(decision.httpStatus == 429);
    CHECK(decision.path == "/x");
    CHECK(decision.method == "GET");
    CHECK(decision.took == std::chrono::seconds(2));
    CHECK(auditEventOf({}, nullptr, {}, SteadyTime()).subject.empty());
}
