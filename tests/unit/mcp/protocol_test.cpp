#include "mcp/protocol.hpp"

#include <algorithm>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/kept_response_writer.hpp"
#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

// Messages as over stdio: no headers, no exchange of their own, one session for all.
struct Line {
    explicit Line(ProtocolSite& site) : site(site) { session.id = session.isolationKey = "line"; }
    std::shared_ptr<KeptResponseWriter> say(const std::string& text) {
        const auto writer = KeptResponseWriter::make();
        site.thread.on([&] {
            MessageReader reader;
            const std::string padded = text + std::string(MessageReader::padding, '\0');
            const RequestContext request{
                .caller = caller, .grants = grants, .peer = "stdio", .began = {}, .token = nullptr};
            const Incoming incoming{.request = std::make_shared<const RequestContext>(request),
                                    .kind = {true, true},
                                    .session = &session,
                                    .channel = "line",
                                    .carriesStreams = true};
            const auto read = reader.read(std::string_view(padded).substr(0, text.size()));
            if (const auto* fault = std::get_if<MessageFault>(&read)) site.protocol->refuse(incoming, *writer, *fault);
            else site.protocol->handle(incoming, *writer, std::get<Message>(read));
        });
        return writer;
    }
    ProtocolSite& site;
    Session session;
    const CallerPtr caller = callerNamed("alice");
    const GrantsPtr grants = std::make_shared<const Grants>(Grants::everything());
};

std::vector<std::string> toolsIn(const FakeExchange& got) {
    std::vector<std::string> out;
    const Json answer = Json::parse(got.answer);
    for (const Json& tool : answer.at("result").at("tools")) out.push_back(tool.at("name"));
    return out;
}

using Names = std::vector<std::string>;

// The backend tells of new tools; clients have been told when this returns.
void renewTools(ProtocolSite& site) {
    FakeExchange& listen = site.sendModern("subscriptions/listen", R"("notifications":{"toolsListChanged":true})");
    site.protocol->changed(Change::tools, "");
    if (!site.waitUntil([&] { return listen.answer.find("list_changed") != std::string::npos; }))
        throw std::runtime_error("nobody was told of new tools");
}

} // namespace

TEST_CASE("a backend with a feature that cannot be served is refused by its name") {
    ProtocolSite site;
    site.factory.offered.tools = {toolNamed("two words")};
    CHECK_THROWS_WITH(site.thread.on([&] {
        const Protocol other({}, {site.thread.loop, site.thread.clock, site.telemetry, site.log.log, *site.workers,
                                  *site.gate, site.factory});
    }),
                      Catch::Contains("two words"));
}

TEST_CASE("when the backend's lists change they are asked for again, and then clients are told") {
    ProtocolSite site;
    const std::string session = site.openSession(alice, "2025-11-25");
    FakeExchange& legacy = site.send(get(alice + session));
    FakeExchange& modern = site.sendModern("subscriptions/listen",
                                           R"("notifications":{"toolsListChanged":true,"promptsListChanged":true})");
    CHECK(toolsIn(site.sendModern("tools/list")) == Names{"fast", "work"});
    site.factory.offered.tools = {toolNamed("new")};
    site.factory.offered.prompts = {promptNamed("p")};
    site.protocol->changed(Change::tools, "");
    const std::string told = "notifications/tools/list_changed";
    REQUIRE(site.waitUntil([&] {
        return legacy.answer.find(told) != std::string::npos && modern.answer.find(told) != std::string::npos;
    }));
    CHECK(toolsIn(site.sendModern("tools/list")) == Names{"new"});
    CHECK(toolsIn(site.send(post(takesJson + alice + session), rpc("tools/list"))) == Names{"new"});
    CHECK(site.sendModern("prompts/list").status == 200); // all lists are new, though only one was told of
    CHECK(modern.answer.find("notifications/prompts/list_changed") == std::string::npos);
    const Json call = Json::parse(site.sendModern("tools/call", R"("name":"fast")", "fast").answer);
    CHECK(call.at("error").at("code") == -32602);
}

TEST_CASE("a call under way keeps the lists that it began with") {
    ProtocolSite site;
    site.factory.offered.tools[1].outputSchema = {{"type", "object"}, {"required", {"n"}}};
    renewTools(site);
    site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        site.latch.pass();
        return Result::text("done");
    };
    FakeExchange& call = site.sendModern("tools/call", R"("name":"work")", "work");
    REQUIRE(site.latch.waitForArrivals(1));
    site.factory.offered.tools = {toolNamed("new")};
    renewTools(site);
    site.latch.open();
    REQUIRE(site.waitFor(call));
    CHECK(Json::parse(call.answer).at("result").at("isError") == true); // its outputSchema says so
}

TEST_CASE("new lists that cannot be served are for the log, the old ones stay") {
    ProtocolSite site;
    FakeExchange& listen = site.sendModern("subscriptions/listen", R"("notifications":{"toolsListChanged":true})");
    site.factory.offered.tools = {toolNamed("two words")};
    site.protocol->changed(Change::tools, "");
    REQUIRE(site.waitUntil([&] { return site.log.text().find("cannot be served") != std::string::npos; }));
    site.thread.settle();
    CHECK(site.log.text().find("two words") != std::string::npos);
    CHECK(toolsIn(site.sendModern("tools/list")) == Names{"fast", "work"});
    CHECK(site.textOf(listen).find("list_changed") == std::string::npos);
}

TEST_CASE("a changed resource is told without asking the backend") {
    ProtocolSite site;
    FakeExchange& listen =
        site.sendModern("subscriptions/listen", R"("notifications":{"resourceSubscriptions":["test://a"]})");
    site.workers->stop();
    site.protocol->changed(Change::resource, "test://b");
    site.protocol->changed(Change::resource, "test://a");
    site.thread.settle();
    const std::string told = site.textOf(listen);
    CHECK(told.find(R"("params":{"uri":"test://a")") != std::string::npos);
    CHECK(told.find("test://b") == std::string::npos);
    CHECK(site.log.text().empty());
}

TEST_CASE("listening needs a stream of its own") {
    ProtocolSite site;
    const std::string head = "\r\nContent-Type: application/json\r\nAccept: application/json" + alice +
                             modernHeaders("subscriptions/listen");
    const FakeExchange& got = site.send(post(head), rpc("subscriptions/listen", "{" + modernMeta + "}"));
    CHECK(got.status == 404);
    CHECK(Json::parse(got.answer).at("error").at("code") == -32601);
}

TEST_CASE("within a batch nothing can end a subscription, so there is none") {
    ProtocolSite site;
    const std::string head = post(takesJson + alice + "\r\nMCP-Protocol-Version: 2025-03-26");
    const std::string listen = rpc("subscriptions/listen", "{" + modernMeta + "}");
    const FakeExchange& got = site.send(head, "[" + listen + "," + rpc("ping", "{}", "2") + "]");
    REQUIRE(got.isOver());
    CHECK(Json::parse(got.answer).at(0).contains("error"));
    CHECK(Json::parse(got.answer).at(1).at("result") == Json::object());
    CHECK(site.protocol->subscriptions().size() == 0);
}

TEST_CASE("where one channel carries all, a subscription shares it and is cancelled by its id") {
    ProtocolSite site;
    Line line(site);
    const std::string wanted = R"(,"notifications":{"resourceSubscriptions":["test://a"]}})";
    const auto first = line.say(rpc("subscriptions/listen", "{" + modernMeta + wanted, "1"));
    const auto second = line.say(rpc("subscriptions/listen", "{" + modernMeta + wanted, R"("two")"));
    const auto cancel = [&](const std::string& id) {
        line.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id + "}}");
    };
    const auto change = [&] {
        site.protocol->changed(Change::resource, "test://a");
        site.thread.settle();
    };
    REQUIRE(first->messages.size() == 1);
    CHECK(first->messages[0].find("acknowledged") != std::string::npos);
    change();
    cancel(R"("1")"); // another id
    cancel("3");
    change();
    CHECK(first->messages.size() == 3);
    cancel("1");
    change();
    CHECK(first->messages.size() == 3);
    REQUIRE(second->messages.size() == 4);
    const Json last = Json::parse(second->messages.back());
    CHECK(last.at("method") == "notifications/resources/updated");
    CHECK(last.at("params").at("_meta").at("io.modelcontextprotocol/subscriptionId") == "two");
    CHECK_FALSE(second->isOver());
}

TEST_CASE("a legacy client's answers reach the call that asked, by its session alone") {
    ProtocolSite site;
    site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
        return Result::text(context.askUser("who", "Who?", Json::object()).content.value("name", ""));
    };
    const std::string can = R"({"elicitation":{}})";
    const std::string session = site.openSession(alice, "2025-06-18", can), other = site.openSession(alice);
    FakeExchange& call = site.send(post(takesJson + alice + session), rpc("tools/call", R"({"name":"work"})"));
    REQUIRE(site.waitUntil([&] { return call.answer.find("elicitation/create") != std::string::npos; }));
    const std::string answer =
        R"({"jsonrpc":"2.0","id":"ask-1","result":{"action":"accept","content":{"name":"Ada"}}})";
    CHECK(site.send(post(takesJson + alice + other), answer).status == 202);
    CHECK(site.send(post(takesJson + alice), answer).status == 202);
    CHECK(site.send(post(takesJson + bob + session), answer).status == 404);
    CHECK_FALSE(call.isOver());
    CHECK(site.send(post(takesJson + alice + session), answer).status == 202);
    REQUIRE(site.waitFor(call));
    CHECK(site.textOf(call).find("Ada") != std::string::npos);
}

TEST_CASE("a modern client that goes cancels its call, a legacy one in a session does not") {
    for (const bool modern : {true, false}) {
        DYNAMIC_SECTION((modern ? "modern" : "legacy")) {
            ProtocolSite site;
            site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
                site.latch.pass();
                return Result::text("done");
            };
            site.factory.interrupt = [&] { site.latch.open(); };
            FakeExchange& call = modern ? site.sendModern("tools/call", R"("name":"work")", "work")
                                        : site.send(post(takesJson + alice + site.openSession(alice)),
                                                    rpc("tools/call", R"({"name":"work"})"));
            REQUIRE(site.latch.waitForArrivals(1));
            site.thread.on([&] { call.goAway(); });
            CHECK(call.aborted);
            CHECK(site.factory.interruptedTimes(modern ? 1 : 0));
            site.latch.open();
            const std::string told = modern ? "cancelled disconnected" : "ok ";
            REQUIRE(site.waitUntil([&] { return site.telemetry.decisions.back() == told; }));
        }
    }
}

TEST_CASE("an identity that is gone takes its sessions and tasks with it") {
    ProtocolSite site;
    Tool slow = toolNamed("slow");
    slow.tasks = Tool::Tasks::optional;
    site.factory.offered.tools.push_back(slow);
    renewTools(site);
    const std::string session = site.openSession(alice);
    const std::string meta = R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                             R"("io.modelcontextprotocol/clientCapabilities":)"
                             R"({"extensions":{"io.modelcontextprotocol/tasks":{}}}})";
    const auto ask = [&](const std::string& method, const std::string& name, const std::string& more) -> FakeExchange& {
        return site.send(post(takesJson + alice + modernHeaders(method, name)), rpc(method, meta + more + "}"));
    };
    const std::string id = Json::parse(ask("tools/call", "slow", R"(,"name":"slow")").answer).at("result").at("taskId");
    const std::string named = R"(,"taskId":")" + id + "\"";
    CHECK(Json::parse(ask("tasks/get", id, named).answer).contains("result"));
    site.thread.on([&] { site.protocol->identityGone("bob"); });
    CHECK(Json::parse(ask("tasks/get", id, named).answer).contains("result"));
    site.thread.on([&] { site.protocol->identityGone("alice"); });
    CHECK(Json::parse(ask("tasks/get", id, named).answer).at("error").at("code") == -32602);
    CHECK(site.send(post(takesJson + alice + session), rpc("ping")).status == 404);
}

TEST_CASE("a transport with one session for all has it in every message") {
    ProtocolSite site;
    Line line(site);
    CHECK(line.say(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"))->result().at("protocolVersion") ==
          "2025-11-25");
    CHECK(line.session.version == "2025-11-25");
    CHECK(site.telemetry.gauges[Gauge::sessions] == 0);
    CHECK(line.say(rpc("logging/setLevel", R"({"level":"error"})"))->result() == Json::object());
    CHECK(line.session.logLevel == MessageLevel::error);
    CHECK(line.say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})")->status == 202);
    const auto call = line.say(rpc("tools/call", R"({"name":"work"})"));
    REQUIRE(site.waitUntil([&] { return call->isOver(); }));
    CHECK(call->result().contains("content"));
}

TEST_CASE("a modern call of one channel for all is cancelled by its id") {
    ProtocolSite site;
    site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        site.latch.pass();
        return Result::text("late");
    };
    site.factory.interrupt = [&] { site.latch.open(); };
    Line line(site);
    const auto call = line.say(rpc("tools/call", "{" + modernMeta + R"(,"name":"work"})", "5"));
    REQUIRE(site.latch.waitForArrivals(1));
    line.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})");
    CHECK(call->status == 202);
    CHECK(site.factory.interruptedTimes(1));
}

TEST_CASE("without headers a message's era is told by its body") {
    ProtocolSite site;
    Line line(site);
    CHECK(line.say(rpc("server/discover", "{" + modernMeta + "}"))->result().at("resultType") == "complete");
    CHECK(line.say(rpc("server/discover"))->errorCode() == -32601);
    CHECK(line.say(rpc("ping"))->result() == Json::object());
    CHECK(line.say(rpc("tools/call", "{" + modernMeta + R"(,"name":"fast"})"))->result().contains("content"));
    CHECK(line.say("{")->errorCode() == -32700);
}

TEST_CASE("every request is told to the operator once, with what it called") {
    ProtocolSite site;
    site.send(post(takesJson + alice), rpc("tools/call", R"({"name":"fast"})"));
    const FakeExchange& later = site.send(post(takesJson + alice), rpc("tools/call", R"({"name":"work"})"));
    REQUIRE(site.waitFor(later));
    site.thread.settle();
    site.send(post(takesJson + alice), rpc("nothing"));
    site.send(post(takesJson + alice), "{");
    CHECK(site.telemetry.decisions ==
          std::vector<std::string>{"ok ", "ok ", "error unknown_method", "error malformed"});
}
