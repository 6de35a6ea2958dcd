#include "mcp/message/message.hpp"

#include <catch2/catch.hpp>

#include "schema/json_schema.hpp"
#include "support/thread_time.hpp"

using namespace gatehouse::mcp;

namespace {

using Read = std::variant<Message, MessageFault>;

// The result's views point into `kept`.
Read read(std::string& kept, const std::string& body) {
    static MessageReader reader;
    kept = body + std::string(64, '#');
    return reader.read(std::string_view(kept).substr(0, body.size()));
}

Message messageOf(std::string& kept, const std::string& body) {
    const Read got = read(kept, body);
    if (const auto* fault = std::get_if<MessageFault>(&got)) FAIL(fault->text << " in " << body);
    return std::get<Message>(got);
}

std::string nested(std::size_t depth) {
    return R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":)" + std::string(depth, '[') +
           std::string(depth, ']') + "}}";
}

const std::string begin = R"({"jsonrpc":"2.0","id":1,"method":"m",)";

} // namespace

TEST_CASE("a body is a request, a notification or a response") {
    struct Row {
        const char* what;
        const char* body;
        Message::Kind kind;
        const char* idText;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a request", R"({"jsonrpc":"2.0","id":7,"method":"ping"})", Message::Kind::request, "7"},
             {"an id that is text keeps its quotes", R"({"jsonrpc":"2.0","id":"a\u0062","method":"ping"})",
              Message::Kind::request, R"("a\u0062")"},
             {"an empty id", R"({"jsonrpc":"2.0","id":"","method":"ping"})", Message::Kind::request, R"("")"},
             {"a negative id", R"({"jsonrpc":"2.0","id":-5,"method":"ping"})", Message::Kind::request, "-5"},
             {"the largest id of 64 bits", R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"ping"})",
              Message::Kind::request, "18446744073709551615"},
             {"a notification", R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
              Message::Kind::notification, ""},
             {"a result", R"({"jsonrpc":"2.0","id":7,"result":{}})", Message::Kind::response, "7"},
             {"an error", R"({"jsonrpc":"2.0","id":"x","error":{"code":1,"message":""}})", Message::Kind::response,
              R"("x")"},
             {"white space all around", " \r\n\t{ \"method\" : \"ping\" , \"id\" : 7 , \"jsonrpc\" : \"2.0\" } \n",
              Message::Kind::request, "7"}}) {
        DYNAMIC_SECTION(row.what) {
            std::string kept;
            const Message message = messageOf(kept, row.body);
            CHECK(message.kind == row.kind);
            CHECK(message.idText == row.idText);
        }
    }
}

TEST_CASE("what is no JSON is a parse error") {
    struct Row {
        const char* what;
        std::string body;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"nothing", ""},
             {"white space", "  "},
             {"half an object", R"({"jsonrpc":"2.0")"},
             {"a comma too much", R"({"jsonrpc":"2.0","id":1,"method":"m",})"},
             {"two objects", R"({"jsonrpc":"2.0","id":1,"method":"m"}{})"},
             {"a name without quotes", R"({jsonrpc:"2.0"})"},
             {"single quotes", "{'jsonrpc':'2.0'}"},
             {"a comment", R"({"jsonrpc":"2.0",/**/"id":1,"method":"m"})"},
             {"NaN", begin + R"("params":{"a":NaN}})"},
             {"a number with a leading zero", begin + R"("params":{"a":01}})"},
             {"a number beyond 64 bits", begin + R"("params":{"a":123456789012345678901234567890}})"},
             {"a number beyond a double", begin + R"("params":{"a":1e999}})"},
             {"a line break inside of a string", begin + "\"params\":{\"a\":\"\n\"}}"},
             {"a NUL inside of a string", begin + std::string("\"params\":{\"a\":\"\0\"}}", 20)},
             {"bytes that are not UTF-8", begin + "\"params\":{\"a\":\"\xFF\"}}"},
             {"an overlong form", begin + "\"params\":{\"a\":\"\xC0\xAF\"}}"},
             {"half a surrogate pair as bytes", begin + "\"params\":{\"a\":\"\xED\xA0\x80\"}}"},
             {"a form that is cut short", begin + "\"params\":{\"a\":\"\xE2\x82\"}}"},
             {"an escape that is none", begin + R"("params":{"a":"\x"}})"},
             {"the same bytes as UTF-16", std::string("{\0\"\0a\0\"\0:\0001\0}\0", 14)},
             {"a depth bomb", nested(100'000)},
             {"a depth bomb that is not closed", std::string(1 << 20, '[')},
             {"a depth bomb of objects", [] {
                  std::string out;
                  for (int i = 0; i < 50'000; ++i) out += R"({"a":)";
                  return out;
              }()}}) {
        DYNAMIC_SECTION(row.what) {
            std::string kept;
            const Read got = read(kept, row.body);
            REQUIRE(std::holds_alternative<MessageFault>(got));
            CHECK(std::get<MessageFault>(got).code == -32700);
        }
    }
}

TEST_CASE("a depth that people use is read") {
    std::string kept;
    CHECK(messageOf(kept, nested(300)).hasParams);
}

TEST_CASE("JSON that is no JSON-RPC message is an invalid request") {
    struct Row {
        const char* what;
        std::string body;
        int code;
        const char* idText;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a batch", R"([{"jsonrpc":"2.0","id":1,"method":"m"}])", -32600, ""},
             {"an empty batch", "[]", -32600, ""},
             {"a string", R"("x")", -32600, ""},
             {"a number", "1", -32600, ""},
             {"null", "null", -32600, ""},
             {"an empty object", "{}", -32600, ""},
             {"no version", R"({"id":1,"method":"m"})", -32600, "1"},
             {"another version", R"({"jsonrpc":"1.0","id":1,"method":"m"})", -32600, "1"},
             {"a version that is a number", R"({"jsonrpc":2.0,"id":1,"method":"m"})", -32600, "1"},
             {"the version's name in another case", R"({"JSONRPC":"2.0","id":1,"method":"m"})", -32600, "1"},
             {"an id that is null", R"({"jsonrpc":"2.0","id":null,"method":"m"})", -32600, ""},
             {"an id with a fraction", R"({"jsonrpc":"2.0","id":1.5,"method":"m"})", -32600, ""},
             {"an id written as a fraction", R"({"jsonrpc":"2.0","id":1.0,"method":"m"})", -32600, ""},
             {"an id with an exponent", R"({"jsonrpc":"2.0","id":1e3,"method":"m"})", -32600, ""},
             {"an id that is true", R"({"jsonrpc":"2.0","id":true,"method":"m"})", -32600, ""},
             {"an id that is a list", R"({"jsonrpc":"2.0","id":[1],"method":"m"})", -32600, ""},
             {"an id that is an object", R"({"jsonrpc":"2.0","id":{},"method":"m"})", -32600, ""},
             {"no method", R"({"jsonrpc":"2.0","id":1})", -32600, "1"},
             {"a method that is a number", R"({"jsonrpc":"2.0","id":1,"method":5})", -32600, "1"},
             {"a method that is null", R"({"jsonrpc":"2.0","id":1,"method":null})", -32600, "1"},
             {"a method and a result", R"({"jsonrpc":"2.0","id":1,"method":"m","result":{}})", -32600, "1"},
             {"params that are a list", R"({"jsonrpc":"2.0","id":1,"method":"m","params":[]})", -32602, "1"},
             {"params that are text", R"({"jsonrpc":"2.0","id":1,"method":"m","params":"x"})", -32602, "1"}}) {
        DYNAMIC_SECTION(row.what) {
            std::string kept;
            const Read got = read(kept, row.body);
            REQUIRE(std::holds_alternative<MessageFault>(got));
            CHECK(std::get<MessageFault>(got).code == row.code);
            CHECK(std::get<MessageFault>(got).idText == row.idText);
        }
    }
}

TEST_CASE("a member that is there twice is refused, at any depth") {
    std::string many = begin + R"("params":{)";
    for (int i = 0; i < 40; ++i) many += "\"k" + std::to_string(i) + "\":0,";
    struct Row {
        const char* what;
        std::string body;
        bool refused;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"two methods", R"({"jsonrpc":"2.0","id":1,"method":"a","method":"b"})", true},
             {"two ids", R"({"jsonrpc":"2.0","id":1,"id":2,"method":"a"})", true},
             {"two versions", R"({"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"a"})", true},
             {"two names in params", begin + R"("params":{"name":"a","name":"b"}})", true},
             {"one of them escaped", begin + R"("params":{"name":"a","n\u0061me":"b"}})", true},
             {"far down", begin + R"("params":{"arguments":{"x":[1,{"y":[{"z":1,"z":1}]}]}}})", true},
             {"the last of many", many + R"("k39":0}})", true},
             {"the first of many", many + R"("k0":0}})", true},
             {"an empty name twice", begin + R"("params":{"":1,"":2}})", true},
             {"many that differ", many + R"("k":0}})", false},
             {"the same in two objects", begin + R"("params":{"a":{"x":1},"b":{"x":1}}})", false},
             {"names that differ by case", begin + R"("params":{"a":1,"A":1}})", false}}) {
        DYNAMIC_SECTION(row.what) {
            std::string kept;
            const Read got = read(kept, row.body);
            CHECK(std::holds_alternative<MessageFault>(got) == row.refused);
            if (row.refused) CHECK(std::get<MessageFault>(got).code == -32600);
        }
    }
}

TEST_CASE("a hundred thousand members are judged in a moment") {
    std::string body = begin + R"("params":{)";
    for (int i = 0; i < 100'000; ++i) body += "\"" + std::to_string(i) + "\":0,";
    std::string kept;
    const auto started = gatehouse::test::threadTime();
    CHECK(std::holds_alternative<Message>(read(kept, body + R"("x":0}})")));
    CHECK(gatehouse::test::threadTime() - started < std::chrono::seconds(5));
}

TEST_CASE("the text of a call is passed on as it came") {
    std::string kept;
    const std::string arguments =
        R"({ "n" : 1.0000000000000000000001, "big":1e300, "s":"\u00e4\/" ,"deep":{"a":[1 , 2]} })";
    const Message message =
        messageOf(kept, R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t\u00e4st","arguments":)" +
                            arguments + R"( , "_meta" : {"progressToken" : "p\u0031" }}})");
    CHECK(message.method == "tools/call");
    CHECK(message.nameIsText);
    CHECK(message.name == "t\xC3\xA4st");
    CHECK(message.argumentsText == arguments);
    CHECK(message.metaText == R"({"progressToken" : "p\u0031" })");
    CHECK(message.progressTokenText == R"("p\u0031")");
    CHECK(message.paramsText.front() == '{');
    CHECK(message.paramsText.back() == '}');
}

TEST_CASE("params are read by kind") {
    struct Row {
        const char* what;
        const char* params;
        bool (*holds)(const Message&);
    };
    for (
        const Row& row : std::initializer_list<Row>{
            {"a name that is no text", R"({"name":5})",
             [](const Message& m) { return !m.nameIsText && m.name.empty(); }},
            {"no name", "{}", [](const Message& m) { return !m.nameIsText; }},
            {"arguments that are a list", R"({"arguments":[]})",
             [](const Message& m) { return !m.argumentsAreObject; }},
            {"arguments that are null", R"({"arguments":null})",
             [](const Message& m) { return m.argumentsAreObject && m.argumentsText.empty(); }},
            {"no arguments", "{}", [](const Message& m) { return m.argumentsAreObject && m.argumentsText.empty(); }},
            {"a state that we gave", R"({"requestState":"s"})", [](const Message& m) { return m.mayCarryAnswers; }},
            {"answers", R"({"inputResponses":{}})", [](const Message& m) { return m.mayCarryAnswers; }},
            {"neither of them", R"({"name":"x"})", [](const Message& m) { return !m.mayCarryAnswers; }},
            {"a progress token that is a number", R"({"_meta":{"progressToken":5}})",
             [](const Message& m) { return m.progressTokenText == "5"; }},
            {"a progress token that is a fraction", R"({"_meta":{"progressToken":5.5}})",
             [](const Message& m) { return m.progressTokenText.empty(); }},
            {"a _meta that is text", R"({"_meta":"x"})", [](const Message& m) { return m.metaText.empty(); }},
            {"a version of the handshake", R"({"protocolVersion":"2025-06-18"})",
             [](const Message& m) { return m.protocolVersion == "2025-06-18"; }},
            {"a request to cancel", R"({"requestId":"r"})",
             [](const Message& m) { return m.requestIdText == R"("r")"; }},
            {"the modern version",
             R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}})",
             [](const Message& m) {
                 return m.hasModernVersion && m.modernVersion == "2026-07-28" && m.hasClientCapabilities;
             }},
            {"a modern version that is no text", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":1}})",
             [](const Message& m) { return !m.hasModernVersion; }},
            {"capabilities that are no object", R"({"_meta":{"io.modelcontextprotocol/clientCapabilities":[]}})",
             [](const Message& m) { return !m.hasClientCapabilities; }},
            {"capabilities as they came", R"({"_meta":{"io.modelcontextprotocol/clientCapabilities":{ "roots":{}}}})",
             [](const Message& m) { return m.clientCapabilitiesText == R"({ "roots":{}})"; }},
            {"a log level as it came", R"({"_meta":{"io.modelcontextprotocol/logLevel":"info"}})",
             [](const Message& m) { return m.logLevelText == R"("info")"; }},
            {"a version outside of _meta", R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"})",
             [](const Message& m) { return !m.hasModernVersion; }}}) {
        DYNAMIC_SECTION(row.what) {
            std::string kept;
            CHECK(row.holds(messageOf(kept, begin + "\"params\":" + row.params + "}")));
        }
    }
}

TEST_CASE("one reader reads many bodies, small after large") {
    MessageReader reader;
    for (const std::size_t size : {10u, 5'000'000u, 10u, 100'000u}) {
        const std::string body = begin + R"("params":{"a":")" + std::string(size, 'x') + "\"}}";
        const std::string kept = body + std::string(64, '#');
        const auto got = reader.read(std::string_view(kept).substr(0, body.size()));
        REQUIRE(std::holds_alternative<Message>(got));
        CHECK(std::get<Message>(got).paramsText.size() == size + 8);
    }
}

TEST_CASE("what follows the body is not read") {
    MessageReader reader;
    const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"m")";
    const std::string kept = body + "}" + std::string(64, ' ');
    CHECK(std::holds_alternative<MessageFault>(reader.read(std::string_view(kept).substr(0, body.size()))));
}

TEST_CASE("a result is looked at for what it says of itself") {
    struct Row {
        const char* what;
        std::string text;
        bool isObject, hasMeta, isError;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"an object", R"({"content":[]})", true, false, false},
             {"an empty object", " {} ", true, false, false},
             {"with _meta", R"({"_meta":{},"content":[]})", true, true, false},
             {"with _meta further down only", R"({"content":[{"_meta":{}}]})", true, false, false},
             {"a failure", R"({"isError":true})", true, false, true},
             {"no failure", R"({"isError":false})", true, false, false},
             {"a failure that is text", R"({"isError":"true"})", true, false, false},
             {"a list", "[]", false, false, false},
             {"nothing", "", false, false, false},
             {"no JSON", "not json", false, false, false},
             {"two objects", "{}{}", false, false, false}}) {
        DYNAMIC_SECTION(row.what) {
            std::string text = row.text;
            const ObjectReport report = examineObject(text);
            CHECK(report.isObject == row.isObject);
            CHECK(report.hasMeta == row.hasMeta);
            CHECK(report.isError == row.isError);
            CHECK(text == row.text);
        }
    }
}

TEST_CASE("what a response says is passed on as it came") {
    std::string kept;
    const Message result = messageOf(kept, R"({"jsonrpc":"2.0","id":"ask-1","result":{ "a":1 }})");
    CHECK(result.resultText == R"({ "a":1 })");
    CHECK(result.errorText.empty());
    const Message error = messageOf(kept, R"({"jsonrpc":"2.0","id":"ask-1","error":{"code":-1,"message":"no"}})");
    CHECK(error.errorText == R"({"code":-1,"message":"no"})");
    CHECK(error.resultText.empty());
}

TEST_CASE("a batch is split into its messages as they stand, each to be read by itself") {
    MessageReader reader;
    const auto split = [&](const std::string& body) {
        const std::string kept = body + std::string(MessageReader::padding, '#');
        return reader.split(std::string_view(kept).substr(0, body.size()));
    };
    CHECK(std::get<0>(split(R"( [ {"a":"]},{"} ,5, "x,[" ,[1,2]] )")) ==
          std::vector<std::string>{R"({"a":"]},{"})", "5", R"("x,[")", "[1,2]"});
    std::string many = "[1";
    for (std::size_t i = 1; i < MessageReader::maxBatch; ++i) many += ",1";
    CHECK(std::get<0>(split(many + "]")).size() == MessageReader::maxBatch);
    CHECK(std::get<MessageFault>(split(many + ",1]")).code == -32600);
    CHECK(std::get<MessageFault>(split("[]")).code == -32600);
    CHECK(std::get<MessageFault>(split("[{}")).code == -32700);
    CHECK(std::get<MessageFault>(split("[{},]")).code == -32700);
}

TEST_CASE("a result is held against the schema of its structured content") {
    const auto schema = gatehouse::schema::JsonSchema::compile(
        {{"type", "object"}, {"properties", {{"n", {{"type", "integer"}}}}}, {"required", {"n"}}});
    const auto misfit = [&](std::string text) { return examineObject(text, &schema).misfit; };
    CHECK(misfit(R"({"structuredContent":{"n":1}})").empty());
    CHECK(misfit(R"({"structuredContent":{"n":"1"}})").find("/n: ") == 0);
    CHECK_FALSE(misfit(R"({"structuredContent":{}})").empty());
    CHECK(misfit(R"({"content":[]})") == "there is no structuredContent");
    std::string typed = R"({"resultType":"complete"})";
    CHECK(examineObject(typed).hasResultType);
}

TEST_CASE("a client knows tasks when it declares the extension with an object") {
    const auto knows = [](const std::string& capabilities) {
        std::string kept;
        return messageOf(kept, begin + R"("params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":)" +
                                   capabilities + "}}}")
            .knowsTasks;
    };
    CHECK(knows(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"));
    CHECK(knows(R"({"extensions":{"other":1,"io.modelcontextprotocol/tasks":{"x":1}}})"));
    for (const char* no :
         {"5", "{}", R"({"extensions":{}})", R"({"extensions":[]})", R"({"tasks":{}})",
          R"({"io.modelcontextprotocol/tasks":{}})", R"({"extensions":{"io.modelcontextprotocol/tasks":null}})",
          R"({"extensions":{"io.modelcontextprotocol/tasks":true}})"})
        CHECK_FALSE(knows(no));
}
