// prompts/get, resources/read and completion/complete, and the answers that a modern client brings along.
#include <catch2/catch.hpp>

#include "support/call_methods_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

// Answers every call with what reached it.
struct Site : CallMethodsSite {
    Site() {
        factory.call = [this](const CallRequest& request, CallContext&) -> CallOutcome {
            method = request.method;
            name = request.name;
            uri = request.uri;
            arguments = request.argumentsJson;
            return Result::raw(R"({"seen":true})");
        };
    }
    std::string method, name, uri, arguments;
};

} // namespace

TEST_CASE("a prompt is got with its arguments") {
    Site site;
    const auto got = site.answered({"prompts/get", R"({"name":"greet","arguments":{"who":"Ada","more":"x"}})"});
    CHECK(got->result().at("seen") == true);
    CHECK(got->result().at("resultType") == "complete");
    CHECK_FALSE(got->result().contains("ttlMs"));
    CHECK(site.method == "prompts/get");
    CHECK(site.name == "greet");
    CHECK(site.arguments == R"({"who":"Ada","more":"x"})");
    CHECK(site.answered({"prompts/get", R"({"name":"slow"})", false})->result().at("seen") == true);
    CHECK(site.arguments == "{}");
}

TEST_CASE("a prompt is refused that is not there, or without what it needs") {
    struct Row {
        const char *params, *told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"name":"nothing"})", "Unknown prompt: nothing"},
             {"{}", "Unknown prompt"},
             {R"({"name":5})", "Unknown prompt"},
             {R"({"name":"greet"})", "argument who is missing"},
             {R"({"name":"greet","arguments":{"how":"x"}})", "argument who is missing"},
             {R"({"name":"greet","arguments":{"who":5}})", "argument who must be a string"},
             {R"({"name":"greet","arguments":{"who":null}})", "argument who must be a string"},
             {R"({"name":"greet","arguments":{"who":"x","how":[]}})", "argument how must be a string"},
             {R"({"name":"greet","arguments":["who"]})", "arguments must be an object"}}) {
        for (const bool modern : {true, false}) {
            DYNAMIC_SECTION(row.params << (modern ? ", modern" : ", legacy")) {
                Site site;
                const auto got = site.run({"prompts/get", row.params, modern});
                CHECK(got->errorCode() == -32602);
                CHECK(got->text.find(row.told) != std::string::npos);
                CHECK(site.factory.created == 0);
            }
        }
    }
}

TEST_CASE("a resource is read by its uri, for each caller anew") {
    for (const char* uri : {"test://fast", "test://slow"}) {
        Site site;
        const std::string params = R"({"uri":")" + std::string(uri) + "\"}";
        const Json fresh = site.answered({"resources/read", params})->result();
        CHECK(fresh.at("seen") == true);
        CHECK(fresh.at("cacheScope") == "private");
        CHECK(fresh.at("ttlMs").is_number_integer());
        CHECK(site.method == "resources/read");
        CHECK(site.name == uri);
        CHECK(site.uri == uri);
        CHECK(site.arguments == "{}");
        CHECK(site.answered({"resources/read", params, false})->result() == Json{{"seen", true}});
    }
}

TEST_CASE("a template is read with its variables") {
    Site site;
    site.answered({"resources/read", R"({"uri":"test://items/a%20b"})"});
    CHECK(site.name == "test://items/{id}");
    CHECK(site.uri == "test://items/a%20b");
    CHECK(Json::parse(site.arguments) == Json{{"id", "a b"}});
    site.answered({"resources/read", R"({"uri":"test:\/\/plain\/x"})", false});
    CHECK(site.name == "test://plain/{x}");
}

TEST_CASE("a resource that is not there has the code of its era, and its uri") {
    for (const bool modern : {true, false}) {
        Site site;
        const auto got = site.run({"resources/read", R"({"uri":"test://\"none\""})", modern});
        CHECK(got->errorCode() == (modern ? -32602 : -32002));
        CHECK(got->json().at("error").at("data").at("uri") == "test://\"none\"");
        CHECK(site.desk.outcome == "error unknown_resource");
        for (const char* params : {"{}", R"({"uri":5})"})
            CHECK(site.run({"resources/read", params, modern})->errorCode() == -32602);
        CHECK(site.factory.created == 0);
        site.factory.call = [](const CallRequest&, CallContext&) -> CallOutcome {
            return CallError::resourceNotFound("test://fast");
        };
        const auto gone = site.answered({"resources/read", R"({"uri":"test://fast"})", modern});
        CHECK(gone->errorCode() == (modern ? -32602 : -32002));
    }
}

TEST_CASE("completion asks those who complete, and answers nothing for the rest") {
    struct Row {
        const char* ref;
        const char* reached; // null: nobody
    };
    const std::string argument = R"("argument":{"name":"who","value":"A"},"context":{"arguments":{"x":"1"}})";
    for (const Row& row :
         std::initializer_list<Row>{{R"({"type":"ref/prompt","name":"greet"})", "greet"},
                                    {R"({"type":"ref/resource","uri":"test://items/{id}"})", "test://items/{id}"},
                                    {R"({"type":"ref/prompt","name":"slow"})", nullptr},
                                    {R"({"type":"ref/resource","uri":"test://plain/{x}"})", nullptr},
                                    {R"({"type":"ref/resource","uri":"test://fast"})", nullptr}}) {
        for (const bool modern : {true, false}) {
            DYNAMIC_SECTION(row.ref << (modern ? ", modern" : ", legacy")) {
                Site site;
                const auto got = site.answered(
                    {"completion/complete", R"({"ref":)" + std::string(row.ref) + "," + argument + "}", modern});
                CHECK(site.factory.created == (row.reached ? 1 : 0));
                if (row.reached) {
                    CHECK(site.name == row.reached);
                    CHECK(Json::parse(site.arguments).at("argument").at("value") == "A");
                    CHECK(Json::parse(site.arguments).at("context").at("arguments").at("x") == "1");
                } else {
                    CHECK(got->result().at("completion").at("values") == Json::array());
                }
            }
        }
    }
}

TEST_CASE("a completion that asks its client is a fault of its backend") {
    for (const bool modern : {true, false}) {
        Site site;
        site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
            return Result::text(context.askUser("who", "Who?", Json::object()).content.dump());
        };
        const auto got = site.answered(
            {"completion/complete",
             R"({"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":"A"}})", modern});
        CHECK(got->errorCode() == -32603);
    }
}

TEST_CASE("completion is refused for what is not there, or not asked rightly") {
    const std::string ref = R"("ref":{"type":"ref/prompt","name":"greet"})",
                      argument = R"("argument":{"name":"who","value":""})";
    for (const std::string& params :
         {R"({"ref":{"type":"ref/prompt","name":"nothing"},)" + argument + "}",
          R"({"ref":{"type":"ref/resource","uri":"test://none"},)" + argument + "}",
          R"({"ref":{"type":"ref/prompt","name":"test://items/{id}"},)" + argument + "}",
          R"({"ref":{"type":"ref/resource","uri":"greet"},)" + argument + "}",
          R"({"ref":{"type":"ref/tool","name":"greet"},)" + argument + "}",
          R"({"ref":{"name":"greet"},)" + argument + "}", R"({"ref":"greet",)" + argument + "}", "{" + argument + "}",
          "{" + ref + "}", "{" + ref + R"(,"argument":"who"})", "{" + ref + R"(,"argument":{"name":"who"}})",
          "{" + ref + R"(,"argument":{"name":"who","value":5}})", "{" + ref + R"(,"argument":{"value":""}})"}) {
        DYNAMIC_SECTION(params) {
            Site site;
            CHECK(site.run({"completion/complete", params})->errorCode() == -32602);
            CHECK(site.factory.created == 0);
        }
    }
}

TEST_CASE("methods of features that a backend has not are not there") {
    Site site;
    site.features = std::make_shared<const FeatureRegistry>(FeatureLists{{toolNamed("t")}, {}, {}, {}});
    for (const char* method : {"prompts/get", "resources/read", "completion/complete"}) {
        const auto fresh = site.run({method}), old = site.run({method, "{}", false});
        CHECK(fresh->errorCode() == -32601);
        CHECK(fresh->status == 404);
        CHECK(old->errorCode() == -32601);
        CHECK(old->status == 200);
    }
}

// --- modern answers

namespace {

const std::string canAsk = R"({"elicitation":{}})";
const std::string ada = R"({"name":{"action":"accept","content":{"name":"Ada"}}})";

// Every call asks for a name.
struct AskingSite : CallMethodsSite {
    AskingSite() {
        factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
            const Json form = {{"properties", {{"name", {{"type", "string"}}}}}, {"required", {"name"}}};
            return Result::text(context.askUser("name", "Who?", form).content.value("name", "nobody"));
        };
    }
    // A call of `tool` with these arguments, and `more` members of its params.
    std::shared_ptr<KeptResponseWriter> call(const std::string& more, const std::string& tool = "fast",
                                             const std::string& arguments = "{}", const std::string& who = "alice") {
        Asking asking{"tools/call",
                      R"({"name":")" + tool + R"(","arguments":)" + arguments + (more.empty() ? "" : "," + more) + "}"};
        asking.capabilities = canAsk;
        asking.who = who;
        return answered(asking);
    }
    std::string stateOf(const std::string& tool = "fast", const std::string& arguments = "{}") {
        return call("", tool, arguments)->result().at("requestState");
    }
};

std::string back(const std::string& state, const std::string& answers = ada) {
    return R"("requestState":")" + state + R"(","inputResponses":)" + answers;
}

std::string textOf(const KeptResponseWriter& writer) { return writer.result().at("content").at(0).at("text"); }

} // namespace

TEST_CASE("a modern call is asked and answered over two requests, on the loop as on a worker") {
    for (const char* tool : {"fast", "work"}) {
        AskingSite site;
        const Json asked = site.call("", tool)->result();
        CHECK(asked.at("resultType") == "input_required");
        CHECK(asked.at("inputRequests").at("name").at("method") == "elicitation/create");
        CHECK(site.ends == std::vector<std::string>{"ok input_required"});
        const auto got = site.call(back(asked.at("requestState")), tool);
        CHECK(textOf(*got) == "Ada");
        CHECK(got->result().at("resultType") == "complete");
    }
}

TEST_CASE("a state is good for who asked what, with which arguments") {
    AskingSite site;
    const std::string state = site.stateOf("fast", R"({"a":1})");
    CHECK(textOf(*site.call(back(state), "fast", R"({"a":1})")) == "Ada");
    CHECK(site.call(back(state), "fast", R"({"a":2})")->errorCode() == -32602);
    CHECK(site.call(back(state), "work", R"({"a":1})")->errorCode() == -32602);
    CHECK(site.call(back(state), "fast", R"({"a":1})", "bob")->errorCode() == -32602);
    Asking prompt{"prompts/get", R"({"name":"slow",)" + back(state) + "}"};
    CHECK(site.run(prompt)->errorCode() == -32602);
    Asking read{"resources/read", R"({"uri":"test://fast",)" + back(state) + "}"};
    CHECK(site.run(read)->errorCode() == -32602);
}

TEST_CASE("a state that was changed, or is none, is refused and not asked again") {
    AskingSite site;
    const std::string state = site.stateOf();
    for (const std::size_t at : {std::size_t{0}, std::size_t{5}, state.size() / 2, state.size() - 3}) {
        std::string changed = state;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        CHECK(site.call(back(changed))->errorCode() == -32602);
    }
    CHECK(site.call(back(""))->errorCode() == -32602);
    CHECK(site.call(back(state + "A"))->errorCode() == -32602);
    for (const char* bad : {R"("requestState":5)", R"("requestState":{})", R"("requestState":true)"})
        CHECK(site.call(bad)->errorCode() == -32602);
    CHECK(site.factory.created == 1);
}

TEST_CASE("a state is good for an hour") {
    AskingSite site;
    const std::string state = site.stateOf();
    site.thread.turn(1h - 1ms);
    CHECK(textOf(*site.call(back(state))) == "Ada");
    site.thread.turn(1ms);
    CHECK(site.call(back(state))->errorCode() == -32602);
}

TEST_CASE("answers without state are taken when they fit what is asked") {
    AskingSite site;
    CHECK(textOf(*site.call(R"("inputResponses":)" + ada)) == "Ada");
    CHECK(textOf(*site.call(R"("requestState":null,"inputResponses":)" + ada)) == "Ada");
    for (const char* wrong :
         {R"({"name":{"action":"accept","content":{}}})", R"({"other":{"action":"accept"}})", "{}", "[]", "5", "null"})
        CHECK(site.call(R"("inputResponses":)" + std::string(wrong))->result().at("resultType") == "input_required");
}

TEST_CASE("answers that do not fit are asked for again") {
    AskingSite site;
    const auto got = site.call(back(site.stateOf(), R"({"name":{"action":"accept","content":{"name":5}}})"));
    CHECK(got->result().at("resultType") == "input_required");
    CHECK(textOf(*site.call(back(got->result().at("requestState")))) == "Ada");
}

TEST_CASE("legacy answers come another way: what looks like modern ones is not taken") {
    AskingSite site;
    Asking asking{"tools/call", R"({"name":"fast","inputResponses":)" + ada + "}", false};
    const auto got = site.answered(asking);
    CHECK(got->result().at("isError") == true);
}

TEST_CASE("a legacy session is asked on its stream, also by a tool that began on the loop") {
    for (const char* tool : {"fast", "work"}) {
        AskingSite site;
        site.session.clientCapabilitiesJson = canAsk;
        Asking asking{"tools/call", R"({"name":")" + std::string(tool) + "\"}", false};
        asking.session = &site.session;
        const auto got = site.run(asking);
        REQUIRE(site.waitUntil([&] { return got->messages.size() == 1; }));
        const std::string id = Json::parse(got->messages[0]).at("id").dump();
        site.thread.on([&] { site.asks.answer("session", id, Json::parse(ada).at("name").dump(), ""); });
        REQUIRE(site.waitFor(got));
        CHECK(textOf(*got) == "Ada");
    }
}

TEST_CASE("more than a client should carry is an internal error") {
    AskingSite site;
    const std::string much(60 << 10, 'x');
    site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
        context.ask(elicitation("first", "?", Json::object()));
        context.ask(elicitation("second", "?", Json::object()));
        return Result::text("done");
    };
    const auto got = site.call(R"("inputResponses":{"first":{"action":"accept","content":{"x":")" + much + "\"}}}");
    CHECK(got->errorCode() == -32603);
    CHECK(site.log.text().find("cannot be sealed") != std::string::npos);
}
