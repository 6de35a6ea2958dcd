#include "plugin/feature_text.hpp"

#include <gatehouse/abi.h>
#include <catch2/catch.hpp>

#include "plugin/library.hpp"

using namespace gatehouse;

namespace {

// What the definition's object becomes once more as the object that clients see.
template <class Feature>
void checkRoundTrip(Feature (*from)(const FeatureText&), const std::string& name, const Json& definition) {
    CHECK(from({name, definition.dump(), 0}).definition() == definition);
}

} // namespace

TEST_CASE("a definition comes through unchanged, known members and others") {
    checkRoundTrip(toolFrom, "t",
                   {{"name", "t"},
                    {"title", "T"},
                    {"description", "d"},
                    {"inputSchema", {{"type", "object"}, {"x", 1}}},
                    {"outputSchema", {{"type", "object"}}},
                    {"annotations", {{"readOnlyHint", true}}},
                    {"icons", Json::array({1})},
                    {"_meta", {{"a", 1}}}});
    checkRoundTrip(resourceFrom, "test://r",
                   {{"uri", "test://r"},
                    {"name", "r"},
                    {"title", "R"},
                    {"description", "d"},
                    {"mimeType", "text/plain"},
                    {"size", 5},
                    {"annotations", {{"priority", 0.5}}}});
    checkRoundTrip(resourceTemplateFrom, "test://{x}",
                   {{"uriTemplate", "test://{x}"},
                    {"name", "x"},
                    {"title", "X"},
                    {"description", "d"},
                    {"mimeType", "text/plain"},
                    {"_meta", Json::object()}});
    checkRoundTrip(promptFrom, "p",
                   {{"name", "p"},
                    {"title", "P"},
                    {"description", "d"},
                    {"arguments",
                     {{{"name", "a"}, {"title", "A"}, {"description", "d"}, {"required", true}},
                      {{"name", "b"}, {"required", false}}}},
                    {"icons", Json::array()}});
}

TEST_CASE("the name of the feature counts, not the one within its definition") {
    CHECK(toolFrom({"right", R"({"name":"wrong"})", 0}).definition().at("name") == "right");
    CHECK(resourceFrom({"test://right", R"({"uri":"test://wrong"})", 0}).definition().at("uri") == "test://right");
    CHECK(resourceTemplateFrom({"right", R"({"uriTemplate":"wrong"})", 0}).definition().at("uriTemplate") == "right");
    CHECK(promptFrom({"right", R"({"name":"wrong"})", 0}).definition().at("name") == "right");
}

TEST_CASE("flags become properties") {
    CHECK_FALSE(toolFrom({"t", "{}", 0}).runsInline);
    CHECK(toolFrom({"t", "{}", GATEHOUSE_FEATURE_INLINE}).runsInline);
    CHECK(resourceFrom({"r", "{}", GATEHOUSE_FEATURE_INLINE}).runsInline);
    CHECK(resourceTemplateFrom({"r", "{}", GATEHOUSE_FEATURE_INLINE}).runsInline);
    CHECK(promptFrom({"p", "{}", GATEHOUSE_FEATURE_INLINE}).runsInline);
    CHECK(resourceTemplateFrom({"r", "{}", GATEHOUSE_FEATURE_COMPLETES}).completes);
    CHECK(promptFrom({"p", "{}", GATEHOUSE_FEATURE_COMPLETES}).completes);
    CHECK_FALSE(promptFrom({"p", "{}", GATEHOUSE_FEATURE_INLINE}).completes);
}

TEST_CASE("a tool's flags say whether its calls may be tasks, and from when on") {
    struct Row {
        std::uint32_t flags;
        Tool::Tasks tasks;
        bool fromStart;
    };
    for (const Row& row : std::initializer_list<Row>{
             {0, Tool::Tasks::none, true},
             {GATEHOUSE_FEATURE_TASK, Tool::Tasks::optional, true},
             {GATEHOUSE_FEATURE_TASK_ONLY, Tool::Tasks::required, true},
             {GATEHOUSE_FEATURE_TASK | GATEHOUSE_FEATURE_TASK_ONLY, Tool::Tasks::required, true},
             {GATEHOUSE_FEATURE_TASK | GATEHOUSE_FEATURE_TASK_LATER, Tool::Tasks::optional, false}}) {
        DYNAMIC_SECTION(row.flags) {
            const Tool tool = toolFrom({"t", "{}", row.flags});
            CHECK(tool.tasks == row.tasks);
            CHECK(tool.taskFromStart == row.fromStart);
        }
    }
}

TEST_CASE("members of the wrong kind are as good as absent") {
    const Tool tool = toolFrom({"t", R"({"title":5,"description":[],"inputSchema":"x"})", 0});
    CHECK(tool.title.empty());
    CHECK(tool.description.empty());
    CHECK(tool.inputSchema == Tool().inputSchema);
    for (const char* arguments : {R"("x")", "5", "null", "{}", "[]", R"([1,"x",null])", R"({"a":1})"})
        CHECK(promptFrom({"p", R"({"arguments":)" + std::string(arguments) + "}", 0}).arguments.empty());
    for (const char* argument : {R"({"name":5})", R"({"required":"yes"})", R"({"description":{}})", R"({"title":1})"}) {
        DYNAMIC_SECTION(argument) {
            Prompt prompt;
            CHECK_NOTHROW(prompt = promptFrom({"p", R"({"arguments":[)" + std::string(argument) + "]}", 0}));
            REQUIRE(prompt.arguments.size() == 1);
            CHECK(prompt.arguments[0].name.empty());
            CHECK_FALSE(prompt.arguments[0].required);
        }
    }
}

TEST_CASE("a definition that is no object is refused by its name") {
    const auto refusal = [](auto from, const std::string& text) -> std::string {
        try {
            from({"odd", text, 0});
            return "";
        } catch (const PluginError& why) {
            return why.what();
        }
    };
    for (const char* text : {"", "{", "[]", "5", "null", "not json", "{\"a\":\"\xFF\"}"}) {
        CHECK(refusal(toolFrom, text).find("tool odd: ") == 0);
        CHECK(refusal(resourceFrom, text).find("resource odd: ") == 0);
        CHECK(refusal(resourceTemplateFrom, text).find("resource template odd: ") == 0);
        CHECK(refusal(promptFrom, text).find("prompt odd: ") == 0);
    }
}
