// One call and the five ways in which it can end. The test's own thread, or one of its own, is the worker.
#include "mcp/running_call.hpp"

#include <limits>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/fake_exchange.hpp"
#include "support/scripted_factory.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct CallOptions {
    bool modern = false, asStream = false, mayStream = true, survives = false;
    std::string progressToken;
};

class CallSite {
public:
    explicit CallSite(const CallOptions& options = {})
        : live(10, thread.clock, observer, [](const std::string&) {}),
          exchange(std::make_unique<FakeExchange>(thread.loop, "POST / HTTP/1.1\r\nHost: a")) {
        thread.on([&] { start(options); });
    }
    ~CallSite() {
        open();
        if (worker.joinable()) worker.join();
        thread.settle();
        thread.on([&] { call.reset(); });
        thread.stop();
    }
    // Starts the call on a worker and waits until its client is inside of it.
    void hold() {
        factory.call = [this](const CallRequest&, CallContext& context) -> CallOutcome {
            latch.pass();
            sawCancelled = context.cancelled();
            return ToolResult::text("too late");
        };
        factory.interrupt = [this] { open(); };
        worker = std::thread([this] { call->work(); });
        if (!latch.waitForArrivals(1)) throw std::runtime_error("the client was not called");
    }
    void open() { latch.open(); }
    void finishWorker() {
        worker.join();
        thread.settle();
    }
    void work() {
        call->work();
        thread.settle();
    }
    std::string body() {
        return thread.on([&] { return exchange->answer; });
    }

    LoopThread thread;
    CountingObserver observer;
    KeptLog log;
    ScriptedFactory factory;
    LiveIdentities live;
    std::unique_ptr<FakeExchange> exchange;
    const Tool tool = toolNamed("work");
    std::shared_ptr<RunningCall> call;
    std::vector<std::string> ends;
    Latch latch;
    std::atomic<bool> sawCancelled{false};
    std::thread worker;

private:
    void start(const CallOptions& options) {
        CallParts parts{{options.modern, options.asStream, options.mayStream, "7", ""},
                        callerNamed("alice"),
                        tool,
                        "{}",
                        "",
                        options.progressToken,
                        options.survives,
                        "192.0.2.1",
                        thread.loop.now()};
        auto hold = live.hold(parts.caller, [this] { call->endWithToken(); });
        call =
            std::make_shared<RunningCall>(CallPort{factory, observer, log.log, thread.loop}, std::move(parts),
                                          exchange->ticket(), [this](const RunningCall&, const CallEnd& end) {
                                              ends.push_back(std::string(end.outcome) + " " + std::string(end.reason));
                                          });
        call->begin(*exchange, std::move(hold), thread.loop.now() + 60s);
    }
};

using Ends = std::vector<std::string>;

} // namespace

TEST_CASE("a result is answered after its client is closed") {
    CallSite site;
    int closedAtEnd = -1;
    site.factory.call = [](const CallRequest& request, CallContext&) -> CallOutcome {
        return ToolResult::text(std::string(request.method) + " " + std::string(request.name) + " " +
                                std::string(request.argumentsJson));
    };
    site.call->work();
    closedAtEnd = site.factory.closed; // the answer is still on its way to the loop
    site.thread.settle();
    CHECK(closedAtEnd == 1);
    CHECK(site.exchange->status == 200);
    CHECK(site.body() ==
          R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"tools/call work {}"}]}})");
    CHECK(site.ends == Ends{"ok "});
    CHECK_FALSE(site.exchange->isWatched());
    CHECK(site.factory.interrupted == 0);
}

TEST_CASE("what a backend answers becomes an answer and an end") {
    struct Row {
        const char* what;
        std::function<CallOutcome()> call;
        const char* contains;
        const char* end;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a failure of the tool", [] { return CallOutcome(ToolResult::failure("no")); }, R"("isError":true)",
              "tool_error "},
             {"an error of the call",
              [] {
                  return CallOutcome(CallError{-32602, "bad", R"({"x":1})"});
              },
              R"("error":{"code":-32602,"message":"bad","data":{"x":1}})", "error call_error"},
             {"an exception", []() -> CallOutcome { throw std::runtime_error("secret"); },
              R"("code":-32603,"message":"Internal error")", "error internal_error"},
             {"something thrown", []() -> CallOutcome { throw 42; }, R"("code":-32603)", "error internal_error"},
             {"a result that is no JSON", [] { return CallOutcome(ToolResult::raw("not json")); }, R"("code":-32603)",
              "error internal_error"},
             {"a result that is a list", [] { return CallOutcome(ToolResult::raw("[1]")); }, R"("code":-32603)",
              "error internal_error"}}) {
        DYNAMIC_SECTION(row.what) {
            CallSite site;
            site.factory.call = [&](const CallRequest&, CallContext&) { return row.call(); };
            site.work();
            CHECK(site.exchange->status == 200);
            CHECK(site.body().find(row.contains) != std::string::npos);
            CHECK(site.body().find("secret") == std::string::npos);
            CHECK(site.ends == Ends{row.end});
            CHECK(site.factory.closed == 1);
        }
    }
}

TEST_CASE("a client that cannot be made is an internal error, its reason is for the log") {
    CallSite site;
    site.factory.make = [](const Identity&) -> std::unique_ptr<Client> { throw std::runtime_error("password wrong"); };
    site.work();
    CHECK(site.body().find("-32603") != std::string::npos);
    CHECK(site.body().find("password") == std::string::npos);
    CHECK(site.log.text().find("password wrong") != std::string::npos);
    CHECK(site.ends == Ends{"error internal_error"});
}

TEST_CASE("what ends a call before its client returns answers at once, and interrupts the client once") {
    struct Row {
        const char* what;
        std::function<void(CallSite&)> end;
        int status; // 0: nobody is there to answer
        const char* told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"its deadline", [](CallSite& site) { site.thread.turn(61s); }, 200, "timeout deadline"},
             {"its client's cancellation", [](CallSite& site) { site.thread.on([&] { site.call->cancelByClient(); }); },
              202, "cancelled by_client"},
             {"the end of its token",
              [](CallSite& site) { site.thread.on([&] { site.live.revoke([](const Caller&) { return true; }); }); },
              401, "cancelled token_ended"},
             {"its client's going", [](CallSite& site) { site.thread.on([&] { site.exchange->goAway(); }); }, 0,
              "cancelled disconnected"}}) {
        DYNAMIC_SECTION(row.what) {
            CallSite site;
            site.hold();
            row.end(site);
            CHECK(site.exchange->status == row.status);
            CHECK(site.exchange->aborted == (row.status == 0));
            CHECK(site.ends == Ends{row.told});
            CHECK(site.factory.interrupted == 1);
            site.finishWorker();
            CHECK(site.sawCancelled);
            CHECK(site.factory.closed == 1);
            CHECK(site.factory.afterClose == 0);
            CHECK(site.body().find("too late") == std::string::npos);
            CHECK(site.exchange->answers == (row.status == 0 ? 0 : 1));
            CHECK(site.ends.size() == 1);
        }
    }
}

TEST_CASE("only the first end counts") {
    CallSite site;
    site.hold();
    site.thread.on([&] {
        site.call->cancelByClient();
        site.call->endWithToken();
        site.call->refuseForLoad();
        site.exchange->goAway();
    });
    site.thread.turn(61s);
    site.finishWorker();
    CHECK(site.ends == Ends{"cancelled by_client"});
    CHECK(site.exchange->status == 202);
    CHECK(site.exchange->answers == 1);
    CHECK(site.factory.interrupted == 1);
}

TEST_CASE("nothing ends a call that has been answered") {
    CallSite site;
    site.work();
    site.thread.on([&] {
        site.call->cancelByClient();
        site.live.revoke([](const Caller&) { return true; });
    });
    site.thread.turn(61s);
    CHECK(site.ends == Ends{"ok "});
    CHECK(site.exchange->answers == 1);
    CHECK(site.factory.interrupted == 0);
}

TEST_CASE("a call that was ended before its worker began makes no client") {
    CallSite site;
    site.thread.on([&] { site.call->cancelByClient(); });
    site.work();
    CHECK(site.factory.created == 0);
    CHECK(site.ends == Ends{"cancelled by_client"});
}

TEST_CASE("a call that is ended while its client is being made is interrupted as soon as it is") {
    CallSite site;
    site.factory.make = [&](const Identity&) {
        site.thread.on([&] { site.call->cancelByClient(); });
        site.factory.make = nullptr;
        return site.factory.createClient(Identity{}, Credentials{});
    };
    site.work();
    CHECK(site.factory.interrupted == 1);
    CHECK(site.factory.closed == 1);
}

TEST_CASE("a call of a session goes on when its client goes, and its end is told") {
    CallSite site({false, false, true, true, ""});
    site.hold();
    site.thread.on([&] { site.exchange->goAway(); });
    CHECK(site.exchange->aborted);
    CHECK(site.factory.interrupted == 0);
    CHECK(site.ends.empty());
    site.open();
    site.finishWorker();
    CHECK_FALSE(site.sawCancelled);
    CHECK(site.ends == Ends{"ok nobody_waits"});
    CHECK(site.factory.closed == 1);
}

TEST_CASE("a call of a session whose client has gone still ends with its deadline and its token") {
    for (const bool byToken : {false, true}) {
        DYNAMIC_SECTION((byToken ? "token" : "deadline")) {
            CallSite site({false, false, true, true, ""});
            site.hold();
            site.thread.on([&] { site.exchange->goAway(); });
            site.thread.on([&] { site.exchange.reset(); });
            if (byToken) site.thread.on([&] { site.live.revoke([](const Caller&) { return true; }); });
            else site.thread.turn(61s);
            site.finishWorker();
            CHECK(site.factory.interrupted == 1);
            CHECK(site.ends == Ends{byToken ? "cancelled token_ended" : "timeout deadline"});
        }
    }
}

TEST_CASE("when no worker is free the call is refused, to be tried again") {
    CallSite site;
    site.thread.on([&] { site.call->refuseForLoad(); });
    CHECK(site.exchange->status == 503);
    CHECK(site.exchange->headers.find("Retry-After: 1\r\n") != std::string::npos);
    CHECK(site.ends == Ends{"unavailable no_worker"});
}

TEST_CASE("progress turns the answer into a stream of events, the result last") {
    CallSite site({false, false, true, false, R"("p")"});
    site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
        context.progress(1, 2.5, "half \"way\"");
        context.progress(2);
        context.progress(std::numeric_limits<double>::infinity());
        return ToolResult::text("done");
    };
    site.work();
    CHECK(site.exchange->streaming);
    CHECK(site.exchange->finished);
    CHECK(site.exchange->contentType == "text/event-stream");
    const std::string body = site.body();
    const std::string begin =
        "event: message\ndata: "
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":\"p\",\"progress\":";
    CHECK(body.find(begin + "1,\"total\":2.5,\"message\":\"half \\\"way\\\"\"}}\n\n") == 0);
    CHECK(body.find(begin + "2}}\n\n") != std::string::npos);
    CHECK(body.find("inf") == std::string::npos);
    CHECK(body.rfind("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":") > body.rfind("progressToken"));
}

TEST_CASE("progress is dropped when it was not asked for, or the client takes no stream") {
    struct Row {
        const char* what;
        CallOptions options;
    };
    for (const Row& row : std::initializer_list<Row>{{"no token", {false, false, true, false, ""}},
                                                     {"JSON only", {false, false, false, false, "1"}}}) {
        DYNAMIC_SECTION(row.what) {
            CallSite site(row.options);
            site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
                context.progress(1);
                return ToolResult::text("done");
            };
            site.work();
            CHECK_FALSE(site.exchange->streaming);
            CHECK(site.body().find("done") != std::string::npos);
        }
    }
}

TEST_CASE("what ends a call whose stream is open ends the stream") {
    struct Row {
        const char* what;
        std::function<void(CallSite&)> end;
        bool answered; // with a last event
    };
    for (const Row& row : std::initializer_list<Row>{
             {"deadline", [](CallSite& site) { site.thread.turn(61s); }, true},
             {"cancellation", [](CallSite& site) { site.thread.on([&] { site.call->cancelByClient(); }); }, false},
             {"token", [](CallSite& site) { site.thread.on([&] { site.call->endWithToken(); }); }, false}}) {
        DYNAMIC_SECTION(row.what) {
            CallSite site({false, false, true, false, "1"});
            site.hold();
            site.call->progress(1, {}, "");
            site.thread.settle();
            REQUIRE(site.exchange->streaming);
            row.end(site);
            CHECK(site.exchange->finished);
            CHECK((site.body().find("\"error\"") != std::string::npos) == row.answered);
        }
    }
}

TEST_CASE("a client that takes streams only gets its answer as one event") {
    CallSite site({false, true, true, false, ""});
    site.work();
    CHECK(site.exchange->streaming);
    CHECK(site.exchange->finished);
    CHECK(site.body().find("event: message\ndata: {") == 0);
}

TEST_CASE("a modern answer says that it is complete, and who gave it") {
    CallSite site({true, false, true, false, ""});
    site.work();
    CHECK(
        site.body().find(
            R"("result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"gatehouse")") !=
        std::string::npos);
}

TEST_CASE("a call lets go of its token when it is over") {
    CallSite site;
    site.work();
    site.thread.on([&] {
        site.call.reset();
        site.live.revoke([](const Caller&) { return true; }); // would call into the call
    });
    CHECK(site.thread.faults().empty());
    CHECK(site.ends.size() == 1);
}
