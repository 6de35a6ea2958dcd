#include "mcp/call/call_starter.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/call_methods_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("an inline tool is called on the loop and answered at once") {
    CallMethodsSite site;
    std::thread::id where;
    std::string arguments;
    site.factory.call = [&](const CallRequest& request, CallContext& context) -> CallOutcome {
        where = std::this_thread::get_id();
        arguments = request.argumentsJson;
        context.progress(1); // nobody asked
        context.becomeTask();
        return Result::text(context.cancelled() ? "cancelled" : "done");
    };
    const auto got = site.run(toolCall("fast", R"({ "a" : 1 })"));
    CHECK(site.desk.outcome == "ok");
    CHECK(got->text.find("done") != std::string::npos);
    CHECK(arguments == R"({ "a" : 1 })");
    CHECK(where == site.thread.on([] { return std::this_thread::get_id(); }));
    CHECK(site.factory.closed == 1);
    CHECK(site.ends.empty());
}

TEST_CASE("every other tool is called on a worker, without arguments as with an empty object") {
    CallMethodsSite site;
    std::thread::id where;
    std::string seen;
    site.factory.call = [&](const CallRequest& request, CallContext&) -> CallOutcome {
        where = std::this_thread::get_id();
        seen = std::string(request.method) + " " + std::string(request.name) + " " + std::string(request.argumentsJson);
        return Result::text("done");
    };
    const auto got = site.run({"tools/call", R"({"name":"work"})", false});
    CHECK(site.desk.outcome.empty());
    REQUIRE(site.waitFor(got));
    CHECK(seen == "tools/call work {}");
    CHECK(where != site.thread.on([] { return std::this_thread::get_id(); }));
    CHECK(site.ends == std::vector<std::string>{"ok "});
}

TEST_CASE("an inline tool that shall tell its progress is called on a worker") {
    CallMethodsSite site;
    site.factory.call = [&](const CallRequest&, CallContext& context) -> CallOutcome {
        context.progress(1);
        return Result::text("done");
    };
    const auto got = site.run({"tools/call", R"({"name":"fast","_meta":{"progressToken":5}})", false});
    CHECK(site.desk.outcome.empty());
    REQUIRE(site.waitFor(got));
    REQUIRE(got->messages.size() == 1);
    CHECK(got->messages[0].find(R"("progressToken":5)") != std::string::npos);
}

TEST_CASE("a call of a session is cancelled by its id, by nobody else and no other") {
    CallMethodsSite site;
    site.holdCalls();
    const auto got = site.run(inSession(toolCall("work"), site.session));
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] {
        site.methods.starter().cancel("session", "8");
        site.methods.starter().cancel("session", "\"7\"");
        site.methods.starter().cancel("another", "7");
        site.methods.starter().cancel("", "");
    });
    CHECK_FALSE(got->isOver());
    site.thread.on([&] { site.methods.starter().cancel("session", "7"); });
    CHECK(got->status == 202);
    CHECK(site.ends == std::vector<std::string>{"cancelled by_client"});
    site.thread.on([&] { site.methods.starter().cancel("session", "7"); }); // it is over
    CHECK(site.ends.size() == 1);
}

TEST_CASE("two calls of a session with one id are both cancelled by it") {
    CallMethodsSite site;
    site.holdCalls();
    const auto first = site.run(inSession(toolCall("work"), site.session));
    const auto second = site.run(inSession(toolCall("work"), site.session));
    REQUIRE(site.latch.waitForArrivals(2));
    site.thread.on([&] { site.methods.starter().cancel("session", "7"); });
    CHECK(first->status == 202);
    CHECK(second->status == 202);
    CHECK(site.ends == std::vector<std::string>{"cancelled by_client", "cancelled by_client"});
}

TEST_CASE("a call without session cannot be cancelled by a notification") {
    CallMethodsSite site;
    site.holdCalls();
    const auto got = site.run(toolCall("work"));
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] { site.methods.starter().cancel("", "1"); });
    CHECK_FALSE(got->isOver());
    site.latch.open();
    CHECK(site.waitFor(got));
}

TEST_CASE("a call ends with its token, and at its deadline") {
    for (const bool byToken : {true, false}) {
        DYNAMIC_SECTION((byToken ? "token" : "deadline")) {
            CallMethodsSite site;
            site.holdCalls();
            const auto got = site.run(toolCall("work"));
            REQUIRE(site.latch.waitForArrivals(1));
            if (byToken) site.revokeAll();
            else site.thread.turn(1s), site.thread.turn(60s);
            CHECK(got->isOver());
            CHECK(site.ends == std::vector<std::string>{byToken ? "cancelled token_ended" : "timeout deadline"});
        }
    }
}

TEST_CASE("when no worker is free the call is refused with 503") {
    CallMethodsSite site({1, 0, 10'000ms});
    site.holdCalls();
    const auto first = site.run(toolCall("work"));
    REQUIRE(site.latch.waitForArrivals(1));
    const auto second = site.run(toolCall("work"));
    CHECK(second->status == 503);
    CHECK(site.ends == std::vector<std::string>{"unavailable no_worker"});
    site.latch.open();
    CHECK(site.waitFor(first));
}

TEST_CASE("a tool with tasks answers a task to a client that knows them, its result to others") {
    struct Row {
        const char* tool;
        bool modern, knows;
        const char* answer; // "task", "result", or the error's code
    };
    for (const Row& row : std::initializer_list<Row>{{"task", true, true, "task"},
                                                     {"task", true, false, "result"},
                                                     {"task", false, false, "result"},
                                                     {"task.only", true, true, "task"},
                                                     {"task.only", true, false, "-32021"},
                                                     {"task.only", false, false, "result"},
                                                     {"task.later", true, true, "result"},
                                                     {"work", true, true, "result"}}) {
        DYNAMIC_SECTION(row.tool << (row.modern ? ", modern" : ", legacy") << (row.knows ? ", knows tasks" : "")) {
            CallMethodsSite site;
            Asking asking = toolCall(row.tool, "{}", row.modern);
            if (row.knows) asking.capabilities = tasksCapability;
            const auto got = site.run(asking);
            REQUIRE(site.waitFor(got));
            const Json answer = got->json();
            const std::string kind = answer.contains("error") ? std::to_string(got->errorCode())
                                     : answer["result"].value("resultType", "") == "task" ? "task"
                                                                                          : "result";
            CHECK(kind == row.answer);
            if (kind != "task") continue;
            const std::string id = answer["result"].at("taskId");
            REQUIRE(site.waitUntil([&] { return site.tasks.find(id, "alice")->isOver(); }));
            CHECK(site.tasks.find(id, "alice")->status == Task::Status::completed);
        }
    }
}

TEST_CASE("a tool that may become a task does so when its handler says, for clients that know") {
    CallMethodsSite site;
    site.factory.call = [&](const CallRequest&, CallContext& context) -> CallOutcome {
        context.becomeTask();
        site.latch.pass();
        return Result::text("done");
    };
    Asking asking = toolCall("task.later", "{}", true);
    asking.capabilities = tasksCapability;
    const auto got = site.run(asking);
    REQUIRE(site.waitFor(got));
    const std::string id = got->result().at("taskId");
    CHECK(got->result().at("resultType") == "task");
    site.latch.open();
    CHECK(site.waitUntil([&] { return site.tasks.find(id, "alice")->isOver(); }));
    CHECK(site.tasks.find(id, "bob") == nullptr);
}

TEST_CASE("when there are too many tasks a call is refused, to be tried again") {
    CallMethodsSite site;
    site.thread.on([&] {
        while (site.tasks.open("alice")) continue;
    });
    Asking asking = toolCall("task", "{}", true);
    asking.capabilities = tasksCapability;
    const auto got = site.run(asking);
    CHECK(got->status == 503);
    CHECK(got->headers.find("Retry-After: ") != std::string::npos);
    CHECK(site.desk.outcome == "unavailable too_many_tasks");
    CHECK(site.factory.created == 0);
}
