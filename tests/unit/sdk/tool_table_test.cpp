#include <gatehouse/tool_table.hpp>

#include <atomic>

#include <catch2/catch.hpp>
#include <gatehouse/testing.hpp>

using namespace gatehouse;
using namespace gatehouse::testing;

namespace tool_table_test {

struct Add {
    double a = 0, b = 0;
};
GATEHOUSE_FIELDS(Add, a, b)
struct Sum {
    double sum = 0;
};
GATEHOUSE_FIELDS(Sum, sum)
struct Item {
    std::string id;
};
GATEHOUSE_FIELDS(Item, id)
struct Topic {
    std::string topic;
    std::optional<std::string> tone;
};
GATEHOUSE_FIELDS(Topic, topic, tone)

Sum add(const Add& in) { return {in.a + in.b}; }

class Office final : public ToolTable {
public:
    Office() {
        tool("add", "Adds two numbers.", add).annotations = {{"readOnlyHint", true}};
        tool("who", "Names the caller.", [](Call& call) { return call.caller().subject; });
        tool("nothing", "Does nothing.", [this] { ++done; });
        tool("fail", "Fails.", [](const Item& item) -> std::string { throw ToolError("no item " + item.id); });
        tool("wrong", "Is wrong.", []() -> std::string { throw CallError{-32050, "not now", R"({"retry":true})"}; });
        tool("guests", "Asks.", [](Call& call) {
            const UserAnswer answer = call.askUser("guests", "How many?", {{"type", "object"}});
            call.progress(1, 2, "half");
            return answer.accepted() ? answer.content.at("n").dump() : "none";
        });
        resource("shop://stock", "stock", "text/plain", [](Call& call) { return "stock of " + call.caller().subject; });
        resourceTemplate("shop://item/{id}", "item", "text/plain", [](Call& call, const Item& item) {
            return ResourceResult::text(call.uri(), "text/plain", "item " + item.id);
        });
        prompt("explain", "Explains.", [](const Topic& in) { return "Explain " + in.topic + in.tone.value_or(""); });
    }
    int done = 0;
};

struct Connection {
    explicit Connection(std::string name) : who(std::move(name)) { ++open; }
    ~Connection() { --open; }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    void interrupt() noexcept { ++interrupts; }

    std::string who;
    static inline std::atomic<int> open{0}, interrupts{0};
};

std::unique_ptr<Connection> connect(const Identity& identity, const Credentials&) {
    return identity.subject == "nobody" ? nullptr : std::make_unique<Connection>(identity.subject);
}

class Connected final : public SessionTable<Connection> {
public:
    Connected() : SessionTable(connect) {
        tool("who", "Names the caller.", [](Connection& connection) { return connection.who; });
        tool("open", "How many are open.",
             [](const Add&, Call&, Connection&) { return Sum{static_cast<double>(Connection::open)}; });
        tool("break", "Throws.", [](Connection&) -> std::string { throw std::runtime_error("broken"); });
    }
};

Office office;

} // namespace tool_table_test

using namespace tool_table_test;

TEST_CASE("a handler's types are the tool's schemas") {
    const auto tools = office.tools();
    REQUIRE(tools.size() == 6);
    CHECK(tools[0].definition() ==
          Json::parse(R"({"name":"add","description":"Adds two numbers.","annotations":{"readOnlyHint":true},
        "inputSchema":{"type":"object","additionalProperties":false,"required":["a","b"],"properties":{"a":{"type":"number"},"b":{"type":"number"}}},
        "outputSchema":{"type":"object","additionalProperties":false,"required":["sum"],"properties":{"sum":{"type":"number"}}}})"));
    CHECK(tools[1].inputSchema == Json::parse(R"({"type":"object","properties":{},"additionalProperties":false})"));
    CHECK(tools[1].outputSchema.is_null());
}

TEST_CASE("a struct is answered as structured content and as its text") {
    const Json result = callTool(office, "add", {{"a", 1}, {"b", 2.5}});
    CHECK(result["structuredContent"] == Json{{"sum", 3.5}});
    CHECK(textOf(result) == R"({"sum":3.5})");
    CHECK_FALSE(result.contains("isError"));
}

TEST_CASE("a handler may take nothing, its arguments or its call, and answer a string or nothing") {
    CHECK(textOf(callTool(office, "who", {}, someone("bob"))) == "bob");
    const int before = office.done;
    CHECK(callTool(office, "nothing")["content"].empty());
    CHECK(office.done == before + 1);
}

TEST_CASE("a handler fails by ToolError for the model, by CallError for the protocol") {
    const Json failed = callTool(office, "fail", {{"id", "7"}});
    CHECK(failed["isError"] == true);
    CHECK(textOf(failed) == "no item 7");
    FakeContext context;
    const CallOutcome outcome = callBackend(office, {"tools/call", "wrong", "{}", "", ""}, context);
    REQUIRE(std::holds_alternative<CallError>(outcome));
    CHECK(std::get<CallError>(outcome).code == -32050);
    CHECK(std::get<CallError>(outcome).dataJson == R"({"retry":true})");
}

TEST_CASE("arguments that are not of the handler's types are invalid params, also where no schema was checked") {
    FakeContext context;
    const CallOutcome outcome = callBackend(office, {"tools/call", "add", R"({"a":1})", "", ""}, context);
    REQUIRE(std::holds_alternative<CallError>(outcome));
    CHECK(std::get<CallError>(outcome).code == -32602);
    CHECK(std::get<CallError>(outcome).message == "Invalid params: b: missing");
}

TEST_CASE("a handler asks its user: without an answer the question comes out, with one it goes on") {
    CHECK_THROWS_AS(callTool(office, "guests"), InputRequired);
    FakeContext context;
    context.answers = {{"guests", {{"action", "accept"}, {"content", {{"n", 4}}}}}};
    CHECK(textOf(callTool(office, "guests", {}, context)) == "4");
    CHECK(context.progressLines == std::vector<std::string>{"1.0/2.0 half"});
}

TEST_CASE("a question without fields is a yes or no") {
    FakeContext context;
    context.answers = {{"sure", {{"action", "accept"}, {"content", Json::object()}}}, {"not", {{"action", "decline"}}}};
    const Identity alice = someone();
    Call call(alice, context, "");
    CHECK(call.confirm("sure", "Go on?"));
    CHECK_FALSE(call.confirm("not", "Go on?"));
    CHECK_THROWS_AS(call.confirm("later", "Go on?"), InputRequired);
}

TEST_CASE("resources, templates and prompts are handlers as well") {
    CHECK(readResource(office, "shop://stock")["contents"][0] ==
          Json::parse(R"({"uri":"shop://stock","mimeType":"text/plain","text":"stock of alice"})"));
    const Json item = readTemplate(office, "shop://item/{id}", {{"id", "7"}}, "shop://item/7");
    CHECK(item["contents"][0] == Json::parse(R"({"uri":"shop://item/7","mimeType":"text/plain","text":"item 7"})"));
    const auto arguments = office.prompts()[0].definition()["arguments"];
    CHECK(arguments == Json::parse(R"([{"name":"topic","required":true},{"name":"tone","required":false}])"));
    const Json message = getPrompt(office, "explain", {{"topic", "tides"}, {"tone", ", kindly"}})["messages"][0];
    CHECK(message == Json::parse(R"({"role":"user","content":{"type":"text","text":"Explain tides, kindly"}})"));
    CHECK(office.resources()[0].uri == "shop://stock");
    CHECK(office.resourceTemplates()[0].uriTemplate == "shop://item/{id}");
}

TEST_CASE("what is not in the table is not found") {
    FakeContext context;
    for (const char* method : {"tools/call", "prompts/get", "resources/read", "completion/complete"}) {
        const CallOutcome outcome = callBackend(office, {method, "other", "{}", "", ""}, context);
        REQUIRE(std::holds_alternative<CallError>(outcome));
        CHECK(std::get<CallError>(outcome).code == -32601);
    }
}

TEST_CASE("a name twice in a table is refused when it is built") {
    struct Twice : ToolTable {
        Twice() {
            tool("a", "", [] {});
            tool("a", "", [] {});
        }
    };
    CHECK_THROWS_WITH(Twice(), "a: is in the table twice");
}

TEST_CASE("a session is made for each call from its caller, and ends with it, whatever happens") {
    Connected backend;
    CHECK(textOf(callTool(backend, "who", {}, someone("bob"))) == "bob");
    CHECK(callTool(backend, "open", {{"a", 0}, {"b", 0}})["structuredContent"]["sum"] == 1);
    CHECK_THROWS_WITH(callTool(backend, "break"), "broken");
    CHECK(Connection::open == 0);
    CHECK_THROWS_WITH(callTool(backend, "who", {}, someone("nobody")), "no session was made");
    const auto client = backend.createClient(someone(), {});
    client->interrupt();
    CHECK(Connection::interrupts == 1);
}
