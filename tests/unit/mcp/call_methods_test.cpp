#include "mcp/call/call_methods.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/call_methods_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

Asking toolCall(const std::string& name, const std::string& arguments = "{}", bool modern = false) {
    return {"tools/call", R"({"name":")" + name + R"(","arguments":)" + arguments + "}", modern};
}

Asking inSession(Asking asking, Session& session) {
    asking.session = &session;
    asking.idText = "7";
    return asking;
}

} // namespace

TEST_CASE("a call that is wrong in itself reaches no backend") {
    struct Row {
        const char *what, *params;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"a name that is no text", R"({"name":5})"},
                                    {"no name", "{}"},
                                    {"a tool that is not there", R"({"name":"nothing\""})"},
                                    {"arguments that are a list", R"({"name":"fast","arguments":[]})"}}) {
        for (const bool modern : {true, false}) {
            DYNAMIC_SECTION(row.what << (modern ? ", modern" : ", legacy")) {
                CallMethodsSite site;
                CHECK(site.run({"tools/call", row.params, modern})->errorCode() == -32602);
                CHECK(site.desk.outcome == "error invalid_params");
                CHECK(site.factory.created == 0);
            }
        }
    }
}

TEST_CASE("arguments that do not fit the schema are a failure that the model can read") {
    struct Row {
        const char *arguments, *told;
    };
    for (const Row& row :
         std::initializer_list<Row>{{R"({"n":"five"})", "/n: "}, {"{}", "n"}, {R"({"n":1.5})", "/n: "}}) {
        for (const bool modern : {true, false}) {
            DYNAMIC_SECTION(row.arguments << (modern ? ", modern" : ", legacy")) {
                CallMethodsSite site;
                const Json result = site.run(toolCall("count", row.arguments, modern))->result();
                CHECK(result.at("isError") == true);
                const std::string text = result.at("content").at(0).at("text");
                CHECK(text.find("Invalid arguments: ") == 0);
                CHECK(text.find(row.told) != std::string::npos);
                CHECK(result.contains("resultType") == modern);
                CHECK(site.desk.outcome == "tool_error invalid_arguments");
                CHECK(site.factory.created == 0);
            }
        }
    }
}

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

TEST_CASE("an inline tool that throws is an internal error, and its client closed") {
    CallMethodsSite site;
    site.factory.call = [](const CallRequest&, CallContext&) -> CallOutcome { throw std::runtime_error("secret"); };
    const auto got = site.run(toolCall("fast"));
    CHECK(site.desk.outcome == "error internal_error");
    CHECK(got->text.find("secret") == std::string::npos);
    CHECK(site.factory.closed == 1);
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

TEST_CASE("a request's _meta and capabilities reach the call") {
    for (const char* tool : {"fast", "work"}) {
        CallMethodsSite site;
        std::string meta, capabilities;
        site.factory.call = [&](const CallRequest& request, CallContext& context) -> CallOutcome {
            meta = request.metaJson;
            capabilities = context.clientCapabilitiesJson();
            return Result::text("done");
        };
        Asking asking = toolCall(tool, "{}", true);
        asking.capabilities = R"({"roots":{}})";
        asking.meta = R"("traceparent":"00-1")";
        REQUIRE(site.waitFor(site.run(asking)));
        CHECK(Json::parse(meta).at("traceparent") == "00-1");
        CHECK(capabilities == R"({"roots":{}})");
    }
}

TEST_CASE("log messages reach those who want them: in a session by its level, else when the request says so") {
    struct Row {
        const char* what;
        bool modern, inSession;
        const char* meta;
        std::size_t messages;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"modern, nothing said", true, false, "", 0},
             {"modern, from warning on", true, false, R"("io.modelcontextprotocol/logLevel":"warning")", 1},
             {"modern, all", true, false, R"("io.modelcontextprotocol/logLevel":"debug")", 2},
             {"legacy without session", false, false, "", 0},
             {"a session, whose level is info", false, true, "", 2}}) {
        for (const char* tool : {"fast", "work"}) {
            DYNAMIC_SECTION(row.what << ", " << tool) {
                CallMethodsSite site;
                site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
                    context.message(MessageLevel::info, "a");
                    context.message(MessageLevel::error, "b");
                    return Result::text("done");
                };
                Asking asking = toolCall(tool, "{}", row.modern);
                asking.meta = row.meta;
                if (row.inSession) asking.session = &site.session;
                const auto got = site.run(asking);
                REQUIRE(site.waitFor(got));
                CHECK(got->messages.size() == row.messages);
            }
        }
    }
}

TEST_CASE("a tool whose result is not what its outputSchema says has failed, and the log says where") {
    for (const char* tool : {"typed fast", "typed"}) {
        CallMethodsSite site;
        site.factory.call = [](const CallRequest&, CallContext&) -> CallOutcome {
            return Result::text("x").structured(R"({"n":"secret"})");
        };
        const auto got = site.run(toolCall(tool == std::string("typed") ? "typed" : "typed.fast"));
        REQUIRE(site.waitFor(got));
        CHECK(got->result().at("isError") == true);
        CHECK(got->text.find("secret") == std::string::npos);
        CHECK(site.log.text().find("/n: ") != std::string::npos);
    }
}

TEST_CASE("a call of a session is cancelled by its id, by nobody else and no other") {
    CallMethodsSite site;
    site.holdCalls();
    const auto got = site.run(inSession(toolCall("work"), site.session));
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] {
        site.methods.cancel("session", "8");
        site.methods.cancel("session", "\"7\"");
        site.methods.cancel("another", "7");
        site.methods.cancel("", "");
    });
    CHECK_FALSE(got->isOver());
    site.thread.on([&] { site.methods.cancel("session", "7"); });
    CHECK(got->status == 202);
    CHECK(site.ends == std::vector<std::string>{"cancelled by_client"});
    site.thread.on([&] { site.methods.cancel("session", "7"); }); // it is over
    CHECK(site.ends.size() == 1);
}

TEST_CASE("two calls of a session with one id are both cancelled by it") {
    CallMethodsSite site;
    site.holdCalls();
    const auto first = site.run(inSession(toolCall("work"), site.session));
    const auto second = site.run(inSession(toolCall("work"), site.session));
    REQUIRE(site.latch.waitForArrivals(2));
    site.thread.on([&] { site.methods.cancel("session", "7"); });
    CHECK(first->status == 202);
    CHECK(second->status == 202);
    CHECK(site.ends == std::vector<std::string>{"cancelled by_client", "cancelled by_client"});
}

TEST_CASE("a call without session cannot be cancelled by a notification") {
    CallMethodsSite site;
    site.holdCalls();
    const auto got = site.run(toolCall("work"));
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] { site.methods.cancel("", "1"); });
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

TEST_CASE("the headers that a schema asks for are compared on the modern wire alone") {
    CallMethodsSite site;
    const std::string good = "POST / HTTP/1.1\r\nHost: a\r\nMcp-Param-Region: eu", bare = "POST / HTTP/1.1\r\nHost: a";
    FakeExchange with(site.thread.loop, good), without(site.thread.loop, bare);
    Asking asking = toolCall("routed", R"({"region":"eu"})", true);
    asking.head = &with.head();
    CHECK(site.run(asking)->result().contains("content"));
    asking.head = &without.head();
    const auto refused = site.run(asking);
    CHECK(refused->errorCode() == -32020);
    CHECK(refused->status == 400);
    CHECK(site.desk.outcome == "error headers");
    asking.head = nullptr; // stdio
    CHECK(site.run(asking)->result().contains("content"));
    asking.modern = false;
    asking.head = &without.head();
    CHECK(site.run(asking)->result().contains("content"));
}

// --- tasks

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
