// One call and the ways in which it can end.
#include "mcp/call/running_call.hpp"

#include <limits>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/one_call.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Ends = std::vector<std::string>;

} // namespace

TEST_CASE("a result is answered after its client is closed") {
    OneCall site;
    site.factory.call = [](const CallRequest& request, CallContext&) -> CallOutcome {
        return Result::text(std::string(request.method) + " " + std::string(request.name) + " " +
                            std::string(request.argumentsJson));
    };
    int closedAtAnswer = -1;
    site.begin();
    site.waitUntil([&] { return site.writer->isOver() && (closedAtAnswer = site.factory.closed) >= 0; });
    CHECK(closedAtAnswer == 1);
    CHECK(site.writer->status == 200);
    CHECK(site.writer->text ==
          R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"tools/call work {}"}]}})");
    CHECK(site.ends == Ends{"ok "});
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
             {"a failure of the tool", [] { return CallOutcome(Result::failure("no")); }, R"("isError":true)",
              "tool_error "},
             {"an error of the call",
              [] {
                  return CallOutcome(CallError{-32602, "bad", R"({"x":1})"});
              },
              R"("error":{"code":-32602,"message":"bad","data":{"x":1}})", "error call_error"},
             {"an exception", []() -> CallOutcome { throw std::runtime_error("secret"); },
              R"("code":-32603,"message":"Internal error")", "error internal_error"},
             {"something thrown", []() -> CallOutcome { throw 42; }, R"("code":-32603)", "error internal_error"},
             {"a result that is no JSON", [] { return CallOutcome(Result::raw("not json")); }, R"("code":-32603)",
              "error internal_error"},
             {"a result that is a list", [] { return CallOutcome(Result::raw("[1]")); }, R"("code":-32603)",
              "error internal_error"}}) {
        DYNAMIC_SECTION(row.what) {
            OneCall site;
            site.factory.call = [&](const CallRequest&, CallContext&) { return row.call(); };
            site.work();
            CHECK(site.writer->status == 200);
            CHECK(site.writer->text.find(row.contains) != std::string::npos);
            CHECK(site.writer->text.find("secret") == std::string::npos);
            CHECK(site.ends == Ends{row.end});
            CHECK(site.factory.closed == 1);
        }
    }
}

TEST_CASE("a client that cannot be made is an internal error, its reason is for the log") {
    OneCall site;
    site.factory.make = [](const Identity&) -> std::unique_ptr<Client> { throw std::runtime_error("password wrong"); };
    site.work();
    CHECK(site.writer->errorCode() == -32603);
    CHECK(site.writer->text.find("password") == std::string::npos);
    CHECK(site.log.text().find("password wrong") != std::string::npos);
    CHECK(site.ends == Ends{"error internal_error"});
}

TEST_CASE("what ends a call before its client returns answers at once, and interrupts the client once") {
    struct Row {
        const char* what;
        std::function<void(OneCall&)> end;
        int status; // 0: nobody is there to answer
        const char* told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"its deadline", [](OneCall& site) { site.thread.turn(1s), site.thread.turn(60s); }, 200,
              "timeout deadline"},
             {"its client's cancellation", [](OneCall& site) { site.thread.on([&] { site.call->cancelByClient(); }); },
              202, "cancelled by_client"},
             {"the end of its token", [](OneCall& site) { site.revokeAll(); }, 401, "cancelled token_ended"},
             {"its client's going", [](OneCall& site) { site.thread.on([&] { site.writer->goAway(); }); }, 0,
              "cancelled disconnected"}}) {
        DYNAMIC_SECTION(row.what) {
            OneCall site;
            site.hold();
            row.end(site);
            CHECK(site.writer->status == row.status);
            CHECK(site.ends == Ends{row.told});
            CHECK(site.factory.interruptedTimes(1));
            site.finish();
            CHECK(site.sawCancelled);
            CHECK(site.factory.closed == 1);
            CHECK(site.factory.closedInside == 0);
            CHECK(site.writer->text.find("too late") == std::string::npos);
            CHECK(site.writer->answers == (row.status == 0 ? 0 : 1));
            CHECK(site.ends.size() == 1);
        }
    }
}

TEST_CASE("a deadline counts from the start, and is met even by a clock that jumps over it") {
    OneCall near, over;
    near.hold();
    near.thread.turn(59s);
    CHECK_FALSE(near.writer->isOver());
    near.thread.turn(1s + 2 * TimerWheel::tick);
    CHECK(near.writer->errorCode() == -32603);
    over.hold();
    over.thread.turn(1h);
    over.thread.turn(1ms);
    CHECK(over.ends == Ends{"timeout deadline"});
}

TEST_CASE("only the first end counts") {
    OneCall site;
    site.hold();
    site.thread.on([&] {
        site.call->cancelByClient();
        site.call->endWithToken();
        site.writer->goAway();
    });
    CHECK(site.factory.interruptedTimes(1));
    site.thread.turn(1s);
    site.thread.turn(61s);
    site.finish();
    CHECK(site.ends == Ends{"cancelled by_client"});
    CHECK(site.writer->status == 202);
    CHECK(site.writer->answers == 1);
    CHECK(site.factory.interruptedTimes(1));
}

TEST_CASE("nothing ends a call that has been answered") {
    OneCall site;
    site.work();
    site.thread.on([&] { site.call->cancelByClient(); });
    site.revokeAll();
    site.thread.turn(1s);
    site.thread.turn(61s);
    CHECK(site.ends == Ends{"ok "});
    CHECK(site.writer->answers == 1);
    CHECK(site.factory.interrupted == 0);
}

TEST_CASE("a call that never reached a worker makes no client, and ends once") {
    OneCall site;
    Latch busy;
    for (int i = 0; i < 4; ++i) site.workers->submit([&] { busy.pass(); });
    REQUIRE(busy.waitForArrivals(4)); // all that there are
    site.begin();
    site.thread.on([&] { site.call->cancelByClient(); });
    busy.open();
    site.finish();
    CHECK(site.factory.created == 0);
    CHECK(site.ends == Ends{"cancelled by_client"});
}

TEST_CASE("a call that is ended while its client is being made is interrupted as soon as it is") {
    OneCall site;
    site.holdCalls(); // until the interrupt
    site.factory.make = [&](const Identity&) {
        site.thread.on([&] { site.call->cancelByClient(); });
        site.factory.make = nullptr;
        return site.factory.createClient(Identity{}, Credentials{});
    };
    site.work();
    CHECK(site.factory.interruptedTimes(1));
    site.finish();
    CHECK(site.factory.closed == 1);
}

TEST_CASE("when no worker is free the call is refused, to be tried again") {
    OneCall site;
    site.workers->stop();
    site.begin();
    CHECK(site.writer->status == 503);
    CHECK(site.writer->headers.find("Retry-After: 1\r\n") != std::string::npos);
    CHECK(site.ends == Ends{"unavailable no_worker"});
}

TEST_CASE("progress comes before the answer, and only when it grows") {
    OneCall site({false, true, R"("p")"});
    site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
        context.progress(1, 2.5, "half \"way\"");
        context.progress(1);
        context.progress(0.5);
        context.progress(2);
        context.progress(-std::numeric_limits<double>::infinity());
        return Result::text("done");
    };
    site.work();
    REQUIRE(site.writer->messages.size() == 2);
    CHECK(Json::parse(site.writer->messages[0]).at("params") ==
          Json{{"progressToken", "p"}, {"progress", 1}, {"total", 2.5}, {"message", "half \"way\""}});
    CHECK(Json::parse(site.writer->messages[1]).at("params").at("progress") == 2);
    CHECK(site.writer->text.find("done") != std::string::npos);
}

TEST_CASE("progress is dropped when it was not asked for, or the client takes no stream") {
    for (const CallOptions& options : std::initializer_list<CallOptions>{{false, true, ""}, {false, false, "1"}}) {
        OneCall site(options);
        site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
            context.progress(1);
            return Result::text("done");
        };
        site.work();
        CHECK(site.writer->messages.empty());
        CHECK(site.writer->text.find("done") != std::string::npos);
    }
}

TEST_CASE("log messages reach a client that wants them of that level") {
    struct Row {
        int lowest;
        std::size_t messages;
    };
    for (const Row& row :
         std::initializer_list<Row>{{CallParts::noMessages, 0}, {static_cast<int>(MessageLevel::warning), 2}, {0, 3}}) {
        OneCall site({false, true, "", row.lowest});
        site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
            context.message(MessageLevel::info, "info");
            context.message(MessageLevel::warning, "warning", "mine");
            context.message(MessageLevel::emergency, {{"a", 1}});
            return Result::text("done");
        };
        site.work();
        REQUIRE(site.writer->messages.size() == row.messages);
        if (row.messages > 0) CHECK(Json::parse(site.writer->messages.back()).at("params").at("data").at("a") == 1);
    }
}

TEST_CASE("what a call says after its end reaches nobody") {
    OneCall site({false, true, "1", 0});
    site.factory.call = [&](const CallRequest&, CallContext& context) -> CallOutcome {
        site.thread.on([&] { site.call->cancelByClient(); });
        context.progress(1);
        context.message(MessageLevel::error, "late");
        context.releaseStream(5ms);
        context.becomeTask();
        return Result::text("late");
    };
    site.work();
    site.finish();
    CHECK(site.writer->messages.empty());
    CHECK(site.writer->released.empty());
    CHECK(site.writer->answers == 1);
}

TEST_CASE("a client learns how to come back when the answer takes a while, or when it is let go") {
    OneCall site;
    site.factory.call = [&](const CallRequest&, CallContext& context) -> CallOutcome {
        context.releaseStream(1500ms);
        site.latch.pass();
        return Result::text("done");
    };
    site.begin();
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.settle();
    CHECK(site.writer->released == std::vector<std::chrono::milliseconds>{1500ms});
    CHECK(site.writer->announced == 0);
    site.thread.turn(501ms + 2 * TimerWheel::tick);
    CHECK(site.writer->announced == 1);
    site.thread.turn(10s);
    CHECK(site.writer->announced == 1);
}

TEST_CASE("a modern answer says that it is complete, and who gave it") {
    OneCall site({true});
    site.work();
    CHECK(site.writer->result().at("resultType") == "complete");
    CHECK(site.writer->result().at("_meta").at("io.modelcontextprotocol/serverInfo").at("name") == "gatehouse");
}

TEST_CASE("a call lets go of its token when it is over") {
    OneCall site;
    site.work();
    site.thread.on([&] { site.call.reset(); });
    site.revokeAll(); // would call into the call
    CHECK(site.thread.faults().empty());
    CHECK(site.ends.size() == 1);
}
