// Which calls the kit makes of a backend, and how.
#include <catch2/catch.hpp>

#include "support/scripted_backend.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

TEST_CASE("each tool is called once with arguments of its schema, or as check.yaml says") {
    ScriptedTools::Script script;
    script.tools = {ScriptedTools::named("plain"), ScriptedTools::named("own"), ScriptedTools::named("hidden"),
                    ScriptedTools::named("picky")};
    script.tools[3].inputSchema = Json::parse(R"({"type":"object","minProperties":1})");
    BackendKit kit(script,
                   Json::parse(R"({"skip":["hidden"],"calls":[{"tool":"own","arguments":{"a":1}},{"tool":"own"}]})"));
    REQUIRE(kit.bench.calls.size() == 3);
    CHECK(kit.bench.calls[0].argumentsJson == R"({"a":1})");
    CHECK(kit.bench.calls[0].isOwn);
    CHECK(kit.bench.calls[2].name == "plain");
    CHECK_FALSE(kit.bench.calls[2].isOwn);
    CHECK(kit.out.str().find("picky") != std::string::npos);
}

TEST_CASE("a client is made for the caller, called once and closed, whatever it answers") {
    int closed = 0;
    ScriptedTools::Script script;
    CallOutcome outcome = Result::text("x");
    script.call = [&](const CallRequest&, const Identity& who, std::string_view credential) -> CallOutcome {
        CHECK(who.subject == "anna");
        CHECK(credential == "c");
        return outcome;
    };
    script.closed = [&] { ++closed; };
    BackendKit kit(script);
    mcp::InterruptPoint point;
    const auto ask = [&] { return answerTo(*kit.backend, kit.bench.calls[0], "anna", point, "c"); };
    CHECK_FALSE(ask().isError);
    outcome = Result::failure("no");
    CHECK(ask().isError);
    outcome = CallError{-32000, "busy", ""};
    CHECK(ask().text == "-32000 busy");
    CHECK(closed == 3);
}

TEST_CASE("what is no object, and what asks, is an answer like any other") {
    ScriptedTools::Script script;
    CallOutcome outcome = InputRequired{{{"k", "elicitation/create", Json{{"message", "tell the-secret"}}}}};
    script.call = [&](const CallRequest&, const Identity&, std::string_view) { return outcome; };
    BackendKit kit(script);
    CHECK(answerTo(*kit.backend, kit.bench.calls[0]).text.find("the-secret") != std::string::npos);
    CHECK_FALSE(answerTo(*kit.backend, kit.bench.calls[0]).isError);
}

TEST_CASE("a call that takes long is left out where many are made") {
    ScriptedTools::Script script;
    script.tools = {ScriptedTools::named("fast"), ScriptedTools::named("slow")};
    script.call = [](const CallRequest& request, const Identity&, std::string_view) {
        if (request.name == "slow") std::this_thread::sleep_for(std::chrono::milliseconds(250));
        return Result::text("x");
    };
    BackendKit kit(script);
    timeCalls(kit.bench);
    CHECK(kit.bench.calls[0].isForMany());
    CHECK_FALSE(kit.bench.calls[1].isForMany());
    CHECK(kit.out.str().find("slow") != std::string::npos);
}
