#include "mcp/call/call_responder.hpp"

#include <catch2/catch.hpp>

#include "support/kept_response_writer.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Asked = CallResponder::Asked;

const std::string canAll = R"({"elicitation":{},"sampling":{},"roots":{}})";
const InputRequired name{{elicitation("name", "Name?", {{"properties", {{"name", {{"type", "string"}}}}}})}};
const InputRequired two{{name.requests[0], rootsList("roots")}};
const std::string ada = R"({"action":"accept","content":{"name":"Ada"}})";

struct Modern {
    explicit Modern(const std::string& capabilities = canAll, bool cached = false)
        : responder(modernResponder(writer, {"7", capabilities, "X: y\r\n", cached}, sealer())) {}
    SealState sealer() {
        return [this](const ClientAnswers& known) { return sealed = known.json(), state; };
    }
    Asked ask(const InputRequired& what) {
        auto left = answers->ask(what);
        return responder->ask(*left, answers, [](const std::string&) { FAIL("a modern call is not resumed"); });
    }
    std::string state = "the \"state\"", sealed;
    std::shared_ptr<KeptResponseWriter> writer = KeptResponseWriter::make();
    std::shared_ptr<ClientAnswers> answers = std::make_shared<ClientAnswers>();
    std::unique_ptr<CallResponder> responder;
};

struct Legacy {
    explicit Legacy(const std::string& capabilities = canAll, const std::string& session = "s", bool takes = true)
        : writer(KeptResponseWriter::make(takes)),
          responder(legacyResponder(writer, {"7", capabilities, ""}, session, asks)) {}
    Asked ask(const InputRequired& what) {
        return responder->ask(*answers->ask(what), answers,
                              [this](const std::string& refusal) { resumed.push_back(refusal); });
    }
    // The client's answer to the request of ours that was sent as the `index`th.
    void answer(std::size_t index, const std::string& result, const std::string& error = "") {
        asks.answer("s", Json::parse(writer->messages.at(index)).at("id").dump(), result, error);
    }
    PendingAsks asks;
    std::shared_ptr<KeptResponseWriter> writer;
    std::shared_ptr<ClientAnswers> answers = std::make_shared<ClientAnswers>();
    std::vector<std::string> resumed; // with what refusal
    std::unique_ptr<CallResponder> responder;
};

std::string failureOf(const KeptResponseWriter& writer) {
    const Json result = writer.result();
    return result.value("isError", false) ? result.at("content").at(0).at("text").get<std::string>() : "";
}

} // namespace

TEST_CASE("each era's result has its form") {
    Modern modern, read(canAll, true);
    Legacy legacy;
    ObjectReport report;
    report.isObject = true;
    modern.responder->result(R"({"content":[]})", report);
    read.responder->result(R"({"contents":[]})", report);
    legacy.responder->result(R"({"content":[]})", report);
    CHECK(modern.writer->headers == "X: y\r\n");
    CHECK(modern.writer->json().at("id") == 7);
    CHECK(modern.writer->result().at("resultType") == "complete");
    CHECK_FALSE(modern.writer->result().contains("ttlMs"));
    CHECK(read.writer->result().at("cacheScope") == "private");
    CHECK(legacy.writer->result() == Json{{"content", Json::array()}});
}

TEST_CASE("what a call says goes through to its writer") {
    Legacy f;
    CHECK(f.responder->takesNotifications());
    f.responder->notify(R"({"n":1})");
    f.responder->announce();
    f.responder->release(5ms);
    bool gone = false;
    f.responder->whenGone([&] { gone = true; });
    f.writer->goAway();
    CHECK(gone);
    CHECK(f.writer->messages == std::vector<std::string>{R"({"n":1})"});
    CHECK(f.writer->announced == 1);
    CHECK(f.writer->released == std::vector<std::chrono::milliseconds>{5ms});
    f.responder->error({503, -32603, "later", ""});
    CHECK(f.writer->status == 503);
    CHECK(f.writer->errorCode() == -32603);
    Legacy ended;
    ended.responder->end(nullptr);
    CHECK(ended.writer->status == 202);
    CHECK_FALSE(Legacy(canAll, "s", false).responder->takesNotifications());
}

TEST_CASE("a modern client is asked by a result, with the state to come back with") {
    Modern f;
    CHECK(f.ask(two) == Asked::answered);
    const Json result = f.writer->result();
    CHECK(result.at("resultType") == "input_required");
    CHECK(result.at("requestState") == "the \"state\"");
    CHECK(result.at("inputRequests").at("name").at("method") == "elicitation/create");
    CHECK(result.at("inputRequests").at("name").at("params").at("message") == "Name?");
    CHECK(result.at("inputRequests").at("roots") == Json{{"method", "roots/list"}, {"params", Json::object()}});
    CHECK(result.at("_meta").contains("io.modelcontextprotocol/serverInfo"));
    CHECK_FALSE(result.contains("ttlMs"));
    CHECK(Json::parse(f.sealed).at("asked").contains("roots"));
}

TEST_CASE("a modern client that cannot be asked is told what it lacks") {
    Modern f(R"({"roots":{}})");
    CHECK(f.ask(two) == Asked::refused);
    CHECK(f.writer->status == 400);
    CHECK(f.writer->errorCode() == -32021);
    CHECK(f.writer->json().at("error").at("data") == Json{{"requiredCapabilities", {{"elicitation", Json::object()}}}});
}

TEST_CASE("a state that cannot be sealed is an internal error") {
    Modern f;
    f.state.clear();
    CHECK(f.ask(name) == Asked::refused);
    CHECK(f.writer->errorCode() == -32603);
}

TEST_CASE("a legacy client is asked by requests on its stream, and the call goes on with the last answer") {
    Legacy f;
    CHECK(f.ask(two) == Asked::waiting);
    REQUIRE(f.writer->messages.size() == 2);
    const Json first = Json::parse(f.writer->messages[0]), second = Json::parse(f.writer->messages[1]);
    CHECK(first.at("jsonrpc") == "2.0");
    CHECK(first.at("method") == "elicitation/create");
    CHECK(first.at("params").at("message") == "Name?");
    CHECK(second.at("method") == "roots/list");
    CHECK(first.at("id") != second.at("id"));
    CHECK_FALSE(f.writer->isOver());

    f.answer(1, R"({"roots":[]})");
    CHECK(f.resumed.empty());
    f.answer(0, ada);
    CHECK(f.resumed == std::vector<std::string>{""});
    CHECK(Json::parse(f.answers->answersJson()) ==
          Json{{"name", Json::parse(ada)}, {"roots", {{"roots", Json::array()}}}});
    f.answer(0, ada);
    CHECK(f.resumed.size() == 1);
    CHECK(f.asks.size() == 0);
}

TEST_CASE("a legacy client may be asked round after round") {
    Legacy f;
    f.ask(name);
    f.answer(0, ada);
    CHECK(f.ask({{rootsList("roots")}}) == Asked::waiting);
    f.answer(1, R"({"roots":[]})");
    CHECK(f.resumed == std::vector<std::string>{"", ""});
}

TEST_CASE("an answer that is an error, or not what was asked for, ends the asking") {
    struct Row {
        const char* what;
        std::string result, error;
        const char* told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"an error", "", R"({"code":-1,"message":"user rejected"})", "user rejected"},
             {"an answer of another shape", R"({"action":"perhaps"})", "", "not what was asked for"},
             {"an answer of another type", R"({"action":"accept","content":{"name":5}})", "", "not what was asked for"},
             {"no object", "[]", "", "not what was asked for"}}) {
        DYNAMIC_SECTION(row.what) {
            Legacy f;
            f.ask(two);
            f.answer(0, row.result, row.error);
            REQUIRE(f.resumed.size() == 1);
            CHECK(f.resumed[0].find("name") != std::string::npos);
            CHECK(f.resumed[0].find(row.told) != std::string::npos);
            f.answer(1, R"({"roots":[]})");
            CHECK(f.resumed.size() == 1);
        }
    }
}

TEST_CASE("a legacy client that cannot be asked gets a result that says so") {
    struct Row {
        const char* what;
        std::string capabilities, session;
        bool takes;
        const char* told;
    };
    for (const Row& row : std::initializer_list<Row>{{"nothing declared", "{}", "s", true, "elicitation"},
                                                     {"no session", canAll, "", true, "session"},
                                                     {"no stream", canAll, "s", false, "stream"}}) {
        DYNAMIC_SECTION(row.what) {
            Legacy f(row.capabilities, row.session, row.takes);
            CHECK(f.ask(two) == Asked::refused);
            CHECK(failureOf(*f.writer).find(row.told) != std::string::npos);
            CHECK(f.writer->messages.empty());
            CHECK(f.asks.size() == 0);
            CHECK(f.resumed.empty());
        }
    }
}

TEST_CASE("what is still asked is forgotten with the call") {
    Legacy f;
    f.ask(two);
    f.answer(1, R"({"roots":[]})");
    CHECK(f.asks.size() == 1);
    f.responder.reset();
    CHECK(f.asks.size() == 0);
    f.answer(0, ada);
    CHECK(f.resumed.empty());
}

TEST_CASE("a call that is resumed may be over at once") {
    PendingAsks asks;
    const auto writer = KeptResponseWriter::make();
    const auto answers = std::make_shared<ClientAnswers>();
    auto responder = legacyResponder(writer, {"7", canAll, ""}, "s", asks);
    responder->ask(*answers->ask(name), answers, [&](const std::string&) { responder.reset(); });
    asks.answer("s", Json::parse(writer->messages.at(0)).at("id").dump(), ada, "");
    CHECK(responder == nullptr);
    CHECK(asks.size() == 0);
}
