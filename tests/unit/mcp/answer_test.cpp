#include "mcp/answer.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/fake_exchange.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

struct Fixture {
    LoopThread thread;
    FakeExchange exchange{thread.loop, "POST / HTTP/1.1\r\nHost: a"};
};

AnswerForm form(bool asStream, bool mayStream = false) {
    AnswerForm out;
    out.asStream = asStream;
    out.mayStream = mayStream;
    out.idText = "7";
    out.headers = "X: y\r\n";
    return out;
}

} // namespace

TEST_CASE("a result goes out as JSON, or as one event for a client that takes streams only") {
    Fixture json, stream;
    sendResult(json.exchange, form(false), R"({"a":1})");
    CHECK(json.exchange.contentType == "application/json");
    CHECK(json.exchange.answer == R"({"jsonrpc":"2.0","id":7,"result":{"a":1}})");
    CHECK(json.exchange.headers == "X: y\r\n");
    sendResult(stream.exchange, form(true), R"({"a":1})");
    CHECK(stream.exchange.contentType == "text/event-stream");
    CHECK(stream.exchange.answer == "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":1}}\n\n");
    CHECK(stream.exchange.finished);
    CHECK(stream.exchange.headers.find("Cache-Control: no-cache\r\n") != std::string::npos);
    CHECK(stream.exchange.headers.find("X: y\r\n") != std::string::npos);
}

TEST_CASE("an error with a status of its own is never a stream") {
    Fixture f;
    sendError(f.exchange, form(true), {404, -32601, "no such method", ""});
    CHECK(f.exchange.status == 404);
    CHECK_FALSE(f.exchange.streaming);
    Fixture ordinary;
    sendError(ordinary.exchange, form(true), {200, -32602, "bad", ""});
    CHECK(ordinary.exchange.streaming);
}

TEST_CASE("a notification opens the stream once, for clients that take one") {
    Fixture f;
    AnswerForm how = form(false, true);
    bool open = false;
    sendNotification(f.exchange, how, open, "{}");
    sendNotification(f.exchange, how, open, "{}");
    CHECK(open);
    CHECK(how.asStream);
    CHECK(f.exchange.answer == "event: message\ndata: {}\n\nevent: message\ndata: {}\n\n");
    Fixture none;
    AnswerForm jsonOnly = form(false, false);
    bool closed = false;
    sendNotification(none.exchange, jsonOnly, closed, "{}");
    CHECK_FALSE(closed);
    CHECK_FALSE(none.exchange.streaming);
}

TEST_CASE("a modern result says that it is complete, and who gave it unless it says so itself") {
    struct Row {
        const char* what;
        const char* result;
        bool hasMeta;
    };
    for (const Row& row : std::initializer_list<Row>{{"a result", R"({"a":1})", false},
                                                     {"an empty result", "{}", false},
                                                     {"an empty result with white space", " { \n } ", false},
                                                     {"an empty result that has _meta elsewhere", "{}", true},
                                                     {"a result with _meta", R"( {"_meta":{"x":1},"a":1} )", true}}) {
        DYNAMIC_SECTION(row.what) {
            const Json read = Json::parse(modernResult(row.result, row.hasMeta));
            CHECK(read.at("resultType") == "complete");
            const bool named = read.contains("_meta") && read["_meta"].contains("io.modelcontextprotocol/serverInfo");
            CHECK(named == !row.hasMeta);
            const Json before = Json::parse(row.result);
            for (const auto& item : before.items()) CHECK(read.at(item.key()) == item.value());
        }
    }
}

TEST_CASE("a result that says its resultType itself has it once") {
    const std::string text = modernResult(R"({"resultType":"complete","content":[]})", false, true);
    CHECK(text.find("resultType") == text.rfind("resultType"));
}
