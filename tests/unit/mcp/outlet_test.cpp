#include "mcp/call/outlet.hpp"

#include <catch2/catch.hpp>

#include "support/kept_carrier.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Asked = Outlet::Asked;

const std::string canAll = R"({"elicitation":{},"sampling":{},"roots":{}})";
const InputRequired name{{elicitation("name", "Name?", {{"properties", {{"name", {{"type", "string"}}}}}})}};
const InputRequired two{{name.requests[0], rootsList("roots")}};
const std::string ada = R"({"action":"accept","content":{"name":"Ada"}})";

struct Modern {
    explicit Modern(const std::string& capabilities = canAll, bool cached = false)
        : outlet(modernOutlet(carrier, {"7", capabilities, "X: y\r\n", cached}, sealer())) {}
    SealState sealer() {
        return [this](const ClientAnswers& known) { return sealed = known.json(), state; };
    }
    Asked ask(const InputRequired& what) {
        auto left = answers->ask(what);
        return outlet->ask(*left, answers, [](const std::string&) { FAIL("a modern call is not resumed"); });
    }
    std::string state = "the \"state\"", sealed;
    std::shared_ptr<KeptCarrier> carrier = KeptCarrier::make();
    std::shared_ptr<ClientAnswers> answers = std::make_shared<ClientAnswers>();
    std::unique_ptr<Outlet> outlet;
};

struct Legacy {
    explicit Legacy(const std::string& capabilities = canAll, const std::string& session = "s", bool takes = true)
        : carrier(KeptCarrier::make(takes)), outlet(legacyOutlet(carrier, {"7", capabilities, ""}, session, asks)) {}
    Asked ask(const InputRequired& what) {
        return outlet->ask(*answers->ask(what), answers,
                           [this](const std::string& refusal) { resumed.push_back(refusal); });
    }
    // The client's answer to the request of ours that was sent as the `index`th.
    void answer(std::size_t index, const std::string& result, const std::string& error = "") {
        asks.answer("s", Json::parse(carrier->messages.at(index)).at("id").dump(), result, error);
    }
    PendingAsks asks;
    std::shared_ptr<KeptCarrier> carrier;
    std::shared_ptr<ClientAnswers> answers = std::make_shared<ClientAnswers>();
    std::vector<std::string> resumed; // with what refusal
    std::unique_ptr<Outlet> outlet;
};

std::string failureOf(const KeptCarrier& carrier) {
    const Json result = carrier.result();
    return result.value("isError", false) ? result.at("content").at(0).at("text").get<std::string>() : "";
}

} // namespace

TEST_CASE("each era's result has its form") {
    Modern modern, read(canAll, true);
    Legacy legacy;
    ObjectReport report;
    report.isObject = true;
    modern.outlet->result(R"({"content":[]})", report);
    read.outlet->result(R"({"contents":[]})", report);
    legacy.outlet->result(R"({"content":[]})", report);
    CHECK(modern.carrier->headers == "X: y\r\n");
    CHECK(modern.carrier->json().at("id") == 7);
    CHECK(modern.carrier->result().at("resultType") == "complete");
    CHECK_FALSE(modern.carrier->result().contains("ttlMs"));
    CHECK(read.carrier->result().at("cacheScope") == "private");
    CHECK(legacy.carrier->result() == Json{{"content", Json::array()}});
}

TEST_CASE("what a call says goes through to its carrier") {
    Legacy f;
    CHECK(f.outlet->takesNotifications());
    f.outlet->notify(R"({"n":1})");
    f.outlet->announce();
    f.outlet->release(5ms);
    bool gone = false;
    f.outlet->whenGone([&] { gone = true; });
    f.carrier->goAway();
    CHECK(gone);
    CHECK(f.carrier->messages == std::vector<std::string>{R"({"n":1})"});
    CHECK(f.carrier->announced == 1);
    CHECK(f.carrier->released == std::vector<std::chrono::milliseconds>{5ms});
    f.outlet->error({503, -32603, "later", ""});
    CHECK(f.carrier->status == 503);
    CHECK(f.carrier->errorCode() == -32603);
    Legacy ended;
    ended.outlet->end(nullptr);
    CHECK(ended.carrier->status == 202);
    CHECK_FALSE(Legacy(canAll, "s", false).outlet->takesNotifications());
}

TEST_CASE("a modern client is asked by a result, with the state to come back with") {
    Modern f;
    CHECK(f.ask(two) == Asked::answered);
    const Json result = f.carrier->result();
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
    CHECK(f.carrier->status == 400);
    CHECK(f.carrier->errorCode() == -32021);
    CHECK(f.carrier->json().at("error").at("data") ==
          Json{{"requiredCapabilities", {{"elicitation", Json::object()}}}});
}

TEST_CASE("a state that cannot be sealed is an internal error") {
    Modern f;
    f.state.clear();
    CHECK(f.ask(name) == Asked::refused);
    CHECK(f.carrier->errorCode() == -32603);
}

TEST_CASE("a legacy client is asked by requests on its stream, and the call goes on with the last answer") {
    Legacy f;
    CHECK(f.ask(two) == Asked::waiting);
    REQUIRE(f.carrier->messages.size() == 2);
    const Json first = Json::parse(f.carrier->messages[0]), second = Json::parse(f.carrier->messages[1]);
    CHECK(first.at("jsonrpc") == "2.0");
    CHECK(first.at("method") == "elicitation/create");
    CHECK(first.at("params").at("message") == "Name?");
    CHECK(second.at("method") == "roots/list");
    CHECK(first.at("id") != second.at("id"));
    CHECK_FALSE(f.carrier->isOver());

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
            CHECK(failureOf(*f.carrier).find(row.told) != std::string::npos);
            CHECK(f.carrier->messages.empty());
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
    f.outlet.reset();
    CHECK(f.asks.size() == 0);
    f.answer(0, ada);
    CHECK(f.resumed.empty());
}

TEST_CASE("a call that is resumed may be over at once") {
    PendingAsks asks;
    const auto carrier = KeptCarrier::make();
    const auto answers = std::make_shared<ClientAnswers>();
    auto outlet = legacyOutlet(carrier, {"7", canAll, ""}, "s", asks);
    outlet->ask(*answers->ask(name), answers, [&](const std::string&) { outlet.reset(); });
    asks.answer("s", Json::parse(carrier->messages.at(0)).at("id").dump(), ada, "");
    CHECK(outlet == nullptr);
    CHECK(asks.size() == 0);
}
