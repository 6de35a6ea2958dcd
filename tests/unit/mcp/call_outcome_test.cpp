#include "mcp/call/call_outcome.hpp"

#include <limits>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "schema/json_schema.hpp"
#include "support/kept_log.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

struct KeptSink {
    std::string json;
    std::optional<RpcError> failed;
    void result(std::string text, const ObjectReport&) { json = std::move(text); }
    void error(const RpcError& error) { failed = error; }
};

struct Delivery {
    explicit Delivery(CallOutcome outcome, bool modern = true, const schema::JsonSchema* structured = nullptr)
        : end(deliverOutcome(sink, outcome, {"tools/call", "weigh", modern ? Era::modern : Era::legacy, structured},
                             log.log)) {}
    KeptLog log;
    KeptSink sink;
    CallEnd end;
};

} // namespace

TEST_CASE("a result, a failed one and an error are told apart") {
    const Delivery good(Result::text("x"));
    CHECK(good.end.outcome == Outcome::ok);
    CHECK(good.sink.json == R"({"content":[{"type":"text","text":"x"}]})");
    CHECK(Delivery(Result::failure("x")).end.outcome == Outcome::toolError);
    const Delivery wrong(CallError{-32602, "bad", R"({"x":1})"});
    CHECK(wrong.end.outcome == Outcome::error);
    CHECK(wrong.end.reason == "call_error");
    CHECK(wrong.sink.failed->code == -32602);
    CHECK(wrong.sink.failed->dataJson == R"({"x":1})");
    CHECK(wrong.sink.failed->httpStatus == 200);
    CHECK(Delivery(CallError{-32603, "", ""}).end.reason == "internal_error");
}

TEST_CASE("a result that is no JSON object is an internal error, and the log says why") {
    for (const char* text : {"not json", "[]", "5", "{", "null", ""}) {
        Delivery f{CallOutcome(Result::raw(*text ? text : " "))};
        CHECK(f.end.reason == "internal_error");
        REQUIRE(f.sink.failed);
        CHECK(f.sink.failed->message == "Internal error");
        CHECK(f.log.text().find("tools/call weigh: the result is not a JSON object") != std::string::npos);
    }
}

TEST_CASE("a result that does not fit its schema is a failure, and the log says where") {
    const auto schema = schema::JsonSchema::compile(
        {{"type", "object"}, {"properties", {{"n", {{"type", "integer"}}}}}, {"required", {"n"}}});
    struct Row {
        const char* what;
        Result result;
        Outcome outcome;
        const char* logged; // null: nothing
    };
    for (const Row& row : std::initializer_list<Row>{
             {"it fits", Result::text("1").structured(R"({"n":1})"), Outcome::ok, nullptr},
             {"another type", Result::text("1").structured(R"({"n":"secret"})"), Outcome::toolError, "/n: "},
             {"a member missing", Result::text("1").structured("{}"), Outcome::toolError, "outputSchema"},
             {"no structured content", Result::text("1"), Outcome::toolError, "there is no structuredContent"},
             {"a failure needs none", Result::failure("no"), Outcome::toolError, nullptr}}) {
        DYNAMIC_SECTION(row.what) {
            Delivery f(row.result, true, &schema);
            CHECK(f.end.outcome == row.outcome);
            CHECK(f.log.text().empty() == (row.logged == nullptr));
            if (!row.logged) continue;
            CHECK(f.log.text().find(row.logged) != std::string::npos);
            CHECK(Json::parse(f.sink.json).at("isError") == true);
            CHECK(f.sink.json.find("output schema") != std::string::npos);
            CHECK(f.sink.json.find("secret") == std::string::npos);
        }
    }
}

TEST_CASE("a resource that is not there has the code of its era") {
    const CallError missing = CallError::resourceNotFound("test://\"a\"");
    CHECK(rpcError(missing, Era::legacy).code == -32002);
    CHECK(rpcError(missing, Era::modern).code == -32602);
    CHECK(Json::parse(rpcError(missing, Era::modern).dataJson).at("uri") == "test://\"a\"");
    CHECK(rpcError(CallError{-32000, "own", ""}, Era::modern).code == -32000);
}

TEST_CASE("what a call throws becomes an outcome, its words are for the log") {
    KeptLog log;
    const auto threw = [&](const auto& thrown) { return guardedCall([&]() -> CallOutcome { throw thrown; }, log.log); };
    CHECK(std::get<CallError>(threw(std::runtime_error("secret"))).message == "Internal error");
    CHECK(std::get<CallError>(threw(42)).code == -32603);
    CHECK(log.text().find("secret") != std::string::npos);
    CHECK(log.text().find("no std::exception") != std::string::npos);
    const CallOutcome asked = threw(InputRequired{{rootsList("r")}});
    CHECK(std::get<InputRequired>(asked).requests.at(0).key == "r");
    CHECK(std::holds_alternative<Result>(guardedCall([] { return CallOutcome(Result::text("x")); }, log.log)));
}

TEST_CASE("progress is told with what there is") {
    CHECK(progressNotification("5", 1, {}, "") ==
          R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":5,"progress":1}})");
    const Json full = Json::parse(progressNotification(R"("t")", 0.5, 2.5, "half \"way\"")).at("params");
    CHECK(full == Json{{"progressToken", "t"}, {"progress", 0.5}, {"total", 2.5}, {"message", "half \"way\""}});
    const double infinite = std::numeric_limits<double>::infinity();
    CHECK(Json::parse(progressNotification("5", infinite, -infinite, "")).at("params").at("progress") == 0);
}

TEST_CASE("a log message has its level, its data and perhaps its logger") {
    const Json bare = Json::parse(messageNotification(MessageLevel::warning, {{"a", 1}}, ""));
    CHECK(bare.at("method") == "notifications/message");
    CHECK(bare.at("params") == Json{{"level", "warning"}, {"data", {{"a", 1}}}});
    const Json named = Json::parse(messageNotification(MessageLevel::emergency, "not UTF-8: \xFF", "my \"log\""));
    CHECK(named.at("params").at("logger") == "my \"log\"");
    CHECK(named.at("params").at("level") == "emergency");
}

TEST_CASE("a level is one of eight words") {
    CHECK(messageLevel("debug") == MessageLevel::debug);
    CHECK(messageLevel("emergency") == MessageLevel::emergency);
    for (const char* word : {"", "Info", "warn", "info ", "trace"}) CHECK_FALSE(messageLevel(word).has_value());
    for (const char* word : {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"})
        CHECK(messageNotification(*messageLevel(word), Json(), "").find(std::string("\"level\":\"") + word + "\"") !=
              std::string::npos);
}
