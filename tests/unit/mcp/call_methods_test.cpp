#include "mcp/call/call_methods.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/call_methods_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

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

TEST_CASE("an inline tool that throws is an internal error, and its client closed") {
    CallMethodsSite site;
    site.factory.call = [](const CallRequest&, CallContext&) -> CallOutcome { throw std::runtime_error("secret"); };
    const auto got = site.run(toolCall("fast"));
    CHECK(site.desk.outcome == "error internal_error");
    CHECK(got->text.find("secret") == std::string::npos);
    CHECK(site.factory.closed == 1);
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
