// What the kit finds in one call after another.
#include <catch2/catch.hpp>

#include "support/scripted_backend.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;
using Catch::Contains;

namespace {

ScriptedTools::Script answering(CallOutcome outcome) {
    ScriptedTools::Script script;
    script.call = [outcome = std::move(outcome)](const CallRequest&, const Identity&, std::string_view) {
        return outcome;
    };
    return script;
}

const Json ownCall = Json::parse(R"({"calls":[{"tool":"echo","expect":"right"}]})");

} // namespace

TEST_CASE("an internal error is a fault; an error of the tool's own is one only where the call is one's own") {
    CHECK_THAT(BackendKit(answering(CallError{-32603, "oops", ""})).after(checkCalls),
               Contains("FAULT calls: tools/call echo: fails within itself (oops)"));
    CHECK_THAT(BackendKit(answering(Result::failure("no such thing"))).after(checkCalls), Contains("0 faults"));
    CHECK_THAT(BackendKit(answering(Result::failure("no such thing")), ownCall).after(checkCalls),
               Contains("answers an error"));
}

TEST_CASE("what is expected is compared") {
    CHECK_THAT(BackendKit(answering(Result::text("right")), ownCall).after(checkCalls), Contains("0 faults"));
    CHECK_THAT(BackendKit(answering(Result::text("left")), ownCall).after(checkCalls), Contains(R"(expected "right")"));
    const Json structured = Json::parse(R"({"calls":[{"tool":"echo","expect":{"n":1}}]})");
    CHECK_THAT(BackendKit(answering(Result::text("x").structured(R"({"n":1})")), structured).after(checkCalls),
               Contains("0 faults"));
    CHECK_THAT(BackendKit(answering(Result::text("x").structured(R"({"n":2})")), structured).after(checkCalls),
               Contains("1 faults"));
}

TEST_CASE("a result that its outputSchema does not allow is a fault") {
    auto script = answering(Result::text("x").structured(R"({"n":"one"})"));
    script.tools[0].outputSchema = Json::parse(R"({"type":"object","properties":{"n":{"type":"integer"}}})");
    CHECK_THAT(BackendKit(script).after(checkSchemas), Contains("does not fit its outputSchema"));
    script = answering(Result::text("x").structured(R"({"n":1})"));
    script.tools[0].outputSchema = Json::parse(R"({"type":"object","properties":{"n":{"type":"integer"}}})");
    CHECK_THAT(BackendKit(script).after(checkSchemas), Contains("0 faults"));
}

TEST_CASE("a credential in the log or in an answer is a fault") {
    ScriptedTools::Script script;
    script.call = [](const CallRequest&, const Identity&, std::string_view credential) {
        return Result::text(std::string(credential));
    };
    CHECK_THAT(BackendKit(script).after(checkCredentials), Contains("stands in the answer"));
    BackendKit kit;
    kit.script.call = [&](const CallRequest&, const Identity&, std::string_view credential) {
        kit.host.deps().log(LogLevel::info, std::string(credential));
        return Result::text("x");
    };
    CHECK_THAT(kit.after(checkCredentials), Contains("written to the log"));
    CHECK_THAT(BackendKit().after(checkCredentials), Contains("0 faults"));
}

TEST_CASE("what is inline may not wait") {
    ScriptedTools::Script script;
    script.tools[0].runsInline = true;
    CHECK_THAT(BackendKit(script).after(checkInlineCalls), Contains("0 faults"));
    script.call = [](const CallRequest&, const Identity&, std::string_view) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return Result::text("x");
    };
    CHECK_THAT(BackendKit(script).after(checkInlineCalls), Contains("waits on the event loop"));
}
