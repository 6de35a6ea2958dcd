#include "mcp/tool_methods.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/fake_exchange.hpp"
#include "support/scripted_factory.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

Message callMessage(const std::string& name, std::string_view arguments = {}) {
    Message message;
    message.method = "tools/call";
    message.idText = "7";
    message.name = name;
    message.nameIsText = true;
    message.argumentsText = arguments;
    return message;
}

class ToolSite {
public:
    ToolSite() : live(10, thread.clock, observer, [](const std::string&) {}) {
        session.id = "session";
        methods.addTo(table);
    }
    ~ToolSite() {
        latch.open();
        workers.reset();
        thread.settle();
        thread.stop();
    }
    std::unique_ptr<FakeExchange> exchange() {
        return std::make_unique<FakeExchange>(thread.loop, "POST / HTTP/1.1\r\nHost: a");
    }
    // On the loop: the outcome that the method told at once, empty when it comes later.
    std::string run(FakeExchange& to, const Message& message, bool modern = false, const Session* of = nullptr) {
        return thread.on([&] {
            AnswerForm form;
            form.modern = modern;
            form.mayStream = true;
            form.idText = message.idText;
            MethodCall call{to, message, alice, form, of, thread.loop.now(), "192.0.2.1"};
            const MethodEnd end = (*table.find(message.method, modern))(call);
            return std::string(end.outcome) + (end.outcome.empty() ? "" : " ") + std::string(end.reason);
        });
    }
    bool waitFor(const FakeExchange& one) {
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (std::chrono::steady_clock::now() < until)
            if (thread.on([&] { return one.isOver(); })) return true;
        return false;
    }
    void holdCalls() {
        factory.call = [this](const CallRequest&, CallContext&) -> CallOutcome {
            latch.pass();
            return ToolResult::text("late");
        };
        factory.interrupt = [this] { latch.open(); };
    }

    LoopThread thread;
    CountingObserver observer;
    KeptLog log;
    ScriptedFactory factory;
    LiveIdentities live;
    Latch latch;
    std::optional<WorkerPool> workers{std::in_place, WorkerPoolOptions{1, 0, std::chrono::milliseconds(10'000)},
                                      [](std::string_view) {}};
    const CallerPtr alice = callerNamed("alice");
    Session session;
    std::vector<std::string> ended;
    const ToolRegistry tools{{toolNamed("fast", true), toolNamed("work")}};
    ToolMethods methods{tools,
                        {{factory, observer, log.log, thread.loop},
                         *workers,
                         live,
                         60s,
                         [this](const RunningCall&, const CallEnd& end) {
                             ended.push_back(std::string(end.outcome) + " " + std::string(end.reason));
                         }}};
    MethodTable table;
};

} // namespace

TEST_CASE("the list of tools is told to each era in its form") {
    ToolSite site;
    Message list;
    list.method = "tools/list";
    list.idText = "1";
    const auto legacy = site.exchange(), modern = site.exchange();
    CHECK(site.run(*legacy, list) == "ok ");
    CHECK(site.run(*modern, list, true) == "ok ");
    const Json old = Json::parse(legacy->answer).at("result"), fresh = Json::parse(modern->answer).at("result");
    CHECK(old.at("tools").size() == 2);
    CHECK_FALSE(old.contains("resultType"));
    CHECK(fresh.at("resultType") == "complete");
    CHECK(fresh.at("tools") == old.at("tools"));
}

TEST_CASE("no cursor is ours") {
    ToolSite site;
    Message list;
    list.method = "tools/list";
    list.idText = "1";
    list.hasCursor = true;
    const auto exchange = site.exchange();
    CHECK(site.run(*exchange, list) == "error invalid_params");
    CHECK(exchange->answer.find("-32602") != std::string::npos);
}

TEST_CASE("a call that is wrong in itself reaches no backend") {
    struct Row {
        const char* what;
        std::function<void(Message&)> spoil;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a name that is no text", [](Message& message) { message.nameIsText = false; }},
             {"a tool that is not there", [](Message& message) { message.name = "nothing\""; }},
             {"arguments that are no object", [](Message& message) { message.argumentsAreObject = false; }}}) {
        DYNAMIC_SECTION(row.what) {
            ToolSite site;
            Message message = callMessage("fast");
            row.spoil(message);
            const auto exchange = site.exchange();
            CHECK(site.run(*exchange, message) == "error invalid_params");
            CHECK(Json::parse(exchange->answer).at("error").at("code") == -32602);
            CHECK(site.factory.created == 0);
        }
    }
}

TEST_CASE("an inline tool is called on the loop and answered at once") {
    ToolSite site;
    std::thread::id where;
    std::string arguments;
    site.factory.call = [&](const CallRequest& request, CallContext& context) -> CallOutcome {
        where = std::this_thread::get_id();
        arguments = request.argumentsJson;
        context.progress(1); // nobody asked
        return ToolResult::text(context.cancelled() ? "cancelled" : "done");
    };
    const auto exchange = site.exchange();
    CHECK(site.run(*exchange, callMessage("fast", R"({ "a" : 1 })")) == "ok ");
    CHECK(exchange->answer.find("done") != std::string::npos);
    CHECK(arguments == R"({ "a" : 1 })");
    CHECK(where == site.thread.on([] { return std::this_thread::get_id(); }));
    CHECK(site.factory.closed == 1);
    CHECK(site.ended.empty());
}

TEST_CASE("an inline tool that throws is an internal error, and its client closed") {
    ToolSite site;
    site.factory.call = [](const CallRequest&, CallContext&) -> CallOutcome { throw std::runtime_error("secret"); };
    const auto exchange = site.exchange();
    CHECK(site.run(*exchange, callMessage("fast")) == "error internal_error");
    CHECK(exchange->answer.find("secret") == std::string::npos);
    CHECK(site.factory.closed == 1);
}

TEST_CASE("every other tool is called on a worker, without arguments as with an empty object") {
    ToolSite site;
    std::thread::id where;
    std::string arguments;
    site.factory.call = [&](const CallRequest& request, CallContext&) -> CallOutcome {
        where = std::this_thread::get_id();
        arguments = request.argumentsJson;
        return ToolResult::text("done");
    };
    const auto exchange = site.exchange();
    CHECK(site.run(*exchange, callMessage("work")).empty());
    REQUIRE(site.waitFor(*exchange));
    site.thread.settle();
    CHECK(arguments == "{}");
    CHECK(where != site.thread.on([] { return std::this_thread::get_id(); }));
    CHECK(site.ended == std::vector<std::string>{"ok "});
}

TEST_CASE("an inline tool that shall tell its progress is called on a worker") {
    ToolSite site;
    site.factory.call = [&](const CallRequest&, CallContext& context) -> CallOutcome {
        context.progress(1);
        return ToolResult::text("done");
    };
    Message message = callMessage("fast");
    message.progressTokenText = "5";
    const auto exchange = site.exchange();
    CHECK(site.run(*exchange, message).empty());
    REQUIRE(site.waitFor(*exchange));
    CHECK(exchange->answer.find(R"("progressToken":5)") != std::string::npos);
}

TEST_CASE("a call of a session is cancelled by its id, by nobody else and no other") {
    ToolSite site;
    site.holdCalls();
    const auto exchange = site.exchange();
    site.run(*exchange, callMessage("work"), false, &site.session);
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] {
        site.methods.cancel("session", "8");
        site.methods.cancel("session", "\"7\"");
        site.methods.cancel("another", "7");
        site.methods.cancel("", "");
    });
    CHECK_FALSE(exchange->isOver());
    site.thread.on([&] { site.methods.cancel("session", "7"); });
    CHECK(exchange->status == 202);
    CHECK(site.ended == std::vector<std::string>{"cancelled by_client"});
    site.thread.on([&] { site.methods.cancel("session", "7"); }); // it is over
    CHECK(site.ended.size() == 1);
}

TEST_CASE("a call without session cannot be cancelled by a notification") {
    ToolSite site;
    site.holdCalls();
    const auto exchange = site.exchange();
    site.run(*exchange, callMessage("work"));
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] { site.methods.cancel("", "7"); });
    CHECK_FALSE(exchange->isOver());
    site.latch.open();
    CHECK(site.waitFor(*exchange));
}

TEST_CASE("a call ends with its token, and at its deadline") {
    for (const bool byToken : {true, false}) {
        DYNAMIC_SECTION((byToken ? "token" : "deadline")) {
            ToolSite site;
            site.holdCalls();
            const auto exchange = site.exchange();
            site.run(*exchange, callMessage("work"));
            REQUIRE(site.latch.waitForArrivals(1));
            if (byToken) site.thread.on([&] { site.live.revoke([](const Caller&) { return true; }); });
            else site.thread.turn(61s);
            CHECK(exchange->isOver());
            CHECK(site.ended == std::vector<std::string>{byToken ? "cancelled token_ended" : "timeout deadline"});
        }
    }
}

TEST_CASE("when no worker is free the call is refused with 503") {
    ToolSite site;
    site.holdCalls();
    const auto first = site.exchange(), second = site.exchange();
    site.run(*first, callMessage("work"));
    REQUIRE(site.latch.waitForArrivals(1));
    site.run(*second, callMessage("work"));
    CHECK(second->status == 503);
    CHECK(site.ended == std::vector<std::string>{"unavailable no_worker"});
    site.latch.open();
    CHECK(site.waitFor(*first));
}
