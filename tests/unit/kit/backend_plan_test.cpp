// check.yaml of a backend.
#include "kit/backend_plan.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/settings.hpp>

using namespace gatehouse;
using namespace gatehouse::kit;

TEST_CASE("without words every check is made, of features alone") {
    const BackendPlan plan = backendPlanFrom(Json::object());
    CHECK(plan.calls.empty());
    CHECK(plan.checks.size() == backendChecks().size());
    CHECK(plan.cancelWithin == std::chrono::seconds(1));
}

TEST_CASE("calls of one's own, what they expect, and checks that are left out") {
    const BackendPlan plan = backendPlanFrom(Json::parse(R"({
        "settings": {"a": 1}, "skip": ["other"], "without": ["leaks"], "cancel_within_ms": 50,
        "calls": [{"tool": "add", "arguments": {"a": 1}, "expect": {"sum": 1}}, {"tool": "wait", "cancel": true}]})"));
    CHECK(plan.settings == Json{{"a", 1}});
    REQUIRE(plan.calls.size() == 2);
    CHECK(plan.calls[0].arguments == Json{{"a", 1}});
    CHECK(plan.calls[0].expect == Json{{"sum", 1}});
    CHECK_FALSE(plan.calls[0].isCancelled);
    CHECK(plan.calls[1].isCancelled);
    CHECK(plan.skip.count("other") == 1);
    CHECK_FALSE(plan.has("leaks"));
    CHECK(plan.has("cancel"));
    CHECK(plan.cancelWithin == std::chrono::milliseconds(50));
    CHECK(backendPlanFrom(Json{{"classes", {"calls"}}}).checks == std::set<std::string>{"calls"});
}

TEST_CASE("what is wrong names its key") {
    for (const auto& [text, key] : std::initializer_list<std::pair<const char*, const char*>>{
             {R"({"calls": 5})", "calls"},
             {R"({"calls": [5]})", "calls[0]"},
             {R"({"calls": [{"arguments": {}}]})", "calls[0].tool"},
             {R"({"calls": [{"tool": "a", "arguments": 5}]})", "calls[0].arguments"},
             {R"({"calls": [{"tool": "a", "sure": 5}]})", "calls[0].sure"},
             {R"({"classes": ["all"]})", "classes"},
             {R"({"without": ["all"]})", "without"},
             {R"({"settings": 5})", "settings"},
             {R"({"cancel_within_ms": 1})", "cancel_within_ms"},
             {R"({"tokens": "jwt"})", "tokens"}}) {
        DYNAMIC_SECTION(text) {
            CHECK_THROWS_AS(backendPlanFrom(Json::parse(text)), SettingsError);
            CHECK_THROWS_WITH(backendPlanFrom(Json::parse(text)), Catch::StartsWith(key));
        }
    }
}
