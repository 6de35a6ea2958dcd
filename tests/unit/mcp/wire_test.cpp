#include "mcp/message/wire.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

using namespace gatehouse;
using namespace gatehouse::mcp;

TEST_CASE("results and notifications are spliced in as they stand") {
    std::string result, note;
    appendResult(result, R"("a\u0062")", R"({ "x" : 1.0 })");
    CHECK(result == R"({"jsonrpc":"2.0","id":"a\u0062","result":{ "x" : 1.0 }})");
    appendNotification(note, "notifications/progress", R"({"progress":1})");
    CHECK(note == R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}})");
}

TEST_CASE("an error is valid JSON whatever its text is") {
    struct Row {
        const char* what;
        std::string message;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"quotes", "a \"b\" \\"}, {"control characters", "a\nb\x01"}, {"no UTF-8", "a\xFF"}, {"nothing", ""}}) {
        DYNAMIC_SECTION(row.what) {
            std::string out;
            appendError(out, "7", {200, -32602, row.message, ""});
            const Json read = Json::parse(out);
            CHECK(read.at("id") == 7);
            CHECK(read.at("error").at("code") == -32602);
            CHECK_FALSE(read.at("error").contains("data"));
        }
    }
}

TEST_CASE("an error leaves out the id that could not be read, and carries its data") {
    std::string out;
    appendError(out, "", {400, -32700, "Parse error", R"({"x":[1]})"});
    const Json read = Json::parse(out);
    CHECK_FALSE(read.contains("id"));
    CHECK(read.at("error").at("data").at("x").at(0) == 1);
}

TEST_CASE("an event is one line of data, also when its JSON has several") {
    std::string out;
    appendEvent(out, "{\n\"a\":\r\n1}");
    CHECK(out == "event: message\ndata: { \"a\":  1}\n\n");
}

TEST_CASE("everything is appended, nothing replaced") {
    std::string out = "before ";
    appendResult(out, "1", "{}");
    appendEvent(out, "{}");
    CHECK(out.find("before {\"jsonrpc\"") == 0);
}

TEST_CASE("an event may have an id, to come back by") {
    std::string out;
    appendEvent(out, "{}", "3-7");
    CHECK(out == "id: 3-7\nevent: message\ndata: {}\n\n");
}

TEST_CASE("a request of ours and a notification are whole messages") {
    CHECK(serverRequest(R"("ask-1")", "roots/list", "{}") ==
          R"({"jsonrpc":"2.0","id":"ask-1","method":"roots/list","params":{}})");
    CHECK(notification("notifications/x", "{}") == R"({"jsonrpc":"2.0","method":"notifications/x","params":{}})");
}
