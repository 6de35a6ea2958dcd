#include "mcp/feature/feature_registry.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/scripted_factory.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

FeatureRegistry withTools(std::vector<Tool> tools) { return FeatureRegistry({std::move(tools), {}, {}, {}}); }

// The refusal of these lists; empty when there is none, "not a runtime_error..." when it is another exception.
std::string refusal(FeatureLists lists) {
    try {
        const FeatureRegistry features(std::move(lists));
        return "";
    } catch (const std::runtime_error& refused) {
        return refused.what();
    } catch (const std::exception& other) {
        return std::string("not a runtime_error: ") + other.what();
    }
}

Tool withSchema(Json schema) {
    Tool tool = toolNamed("odd");
    tool.inputSchema = std::move(schema);
    return tool;
}

Tool withOutput(Json schema) {
    Tool tool = toolNamed("odd");
    tool.outputSchema = std::move(schema);
    return tool;
}

Tool withDescription(std::string text) {
    Tool tool = toolNamed("odd");
    tool.description = std::move(text);
    return tool;
}

} // namespace

TEST_CASE("tools are found by name and listed in order") {
    const FeatureRegistry features = withTools({toolNamed("second"), toolNamed("first")});
    REQUIRE(features.tool("first"));
    CHECK(features.tool("first")->tool.name == "first");
    CHECK(features.tool("First") == nullptr);
    CHECK(features.tool("") == nullptr);
    CHECK(features.tools().member == "tools");
    REQUIRE(features.tools().items.size() == 2);
    CHECK(Json::parse(features.tools().items[0]).at("name") == "second");
    CHECK(Json::parse(features.tools().items[1]).at("inputSchema").at("type") == "object");
}

TEST_CASE("a backend without features has empty lists, and capabilities for tools and logging only") {
    const FeatureRegistry features{FeatureLists{}};
    for (const auto* list : {&features.tools(), &features.resources(), &features.templates(), &features.prompts()})
        CHECK(list->items.empty());
    CHECK_FALSE(features.hasResources());
    for (const bool modern : {true, false})
        CHECK(Json::parse(features.capabilitiesJson(modern ? Era::modern : Era::legacy)) ==
              Json{{"logging", Json::object()}, {"tools", {{"listChanged", true}}}});
}

TEST_CASE("a name is of 1 to 64 letters, digits and marks") {
    struct Row {
        const char* what;
        std::string name;
        bool fits;
    };
    for (const Row& row : std::initializer_list<Row>{{"letters", "run_Query-2.x/y", true},
                                                     {"64 characters", std::string(64, 'a'), true},
                                                     {"65 characters", std::string(65, 'a'), false},
                                                     {"nothing", "", false},
                                                     {"a space", "run query", false},
                                                     {"a quote", "run\"", false},
                                                     {"a line break", "run\n", false},
                                                     {"a letter beyond ASCII", "l\xC3\xA4uft", false}}) {
        DYNAMIC_SECTION(row.what) {
            if (row.fits) CHECK_NOTHROW(withTools({toolNamed(row.name)}));
            else CHECK_THROWS_AS(withTools({toolNamed(row.name)}), std::runtime_error);
        }
    }
}

TEST_CASE("a tool that cannot be served is refused by its name") {
    struct Row {
        const char* what;
        std::vector<Tool> tools;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a schema without type", {withSchema(Json::object())}},
             {"a schema of another type", {withSchema({{"type", "string"}})}},
             {"a schema whose type is no text", {withSchema({{"type", 5}})}},
             {"a schema whose type is a list", {withSchema({{"type", Json::array({"object"})}})}},
             {"a schema that is no object", {withSchema(Json::array())}},
             {"no schema", {withSchema(Json())}},
             {"a description that is not UTF-8", {withDescription("bad \xFF")}},
             {"a schema that is none", {withSchema({{"type", "object"}, {"properties", 5}})}},
             {"a schema with a reference to elsewhere",
              {withSchema({{"type", "object"}, {"$ref", "https://evil.example/schema"}})}},
             {"a header that cannot be served",
              {withSchema({{"type", "object"}, {"properties", {{"a", {{"x-mcp-header", "x"}}}}}})}},
             {"an output schema that is none", {withOutput(5)}},
             {"the same name twice", {toolNamed("odd"), toolNamed("odd")}}}) {
        DYNAMIC_SECTION(row.what) { CHECK(refusal({row.tools, {}, {}, {}}).find("tool odd") == 0); }
    }
}

TEST_CASE("a feature of any other kind that cannot be served is refused by its name") {
    Resource bad = resourceAt("test://odd");
    bad.description = "bad \xFF";
    Prompt badPrompt = promptNamed("odd");
    badPrompt.description = "bad \xFF";
    struct Row {
        const char* what;
        FeatureLists lists;
        const char* named;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a resource without uri", {{}, {resourceAt("")}, {}, {}}, "resource at "},
             {"a resource that is not UTF-8", {{}, {bad}, {}, {}}, "resource test://odd"},
             {"a resource twice", {{}, {resourceAt("test://a"), resourceAt("test://a")}, {}, {}}, "resource test://a"},
             {"a template that is none", {{}, {}, {templateOf("test://{x")}, {}}, "test://{x"},
             {"a template that reads in two ways", {{}, {}, {templateOf("test://{+x}{+y}")}, {}}, "test://{+x}{+y}"},
             {"a template twice",
              {{}, {}, {templateOf("test://{x}"), templateOf("test://{x}")}, {}},
              "resource template test://{x}"},
             {"a prompt without name", {{}, {}, {}, {promptNamed("")}}, "prompt"},
             {"a prompt that is not UTF-8", {{}, {}, {}, {badPrompt}}, "prompt odd"},
             {"a prompt twice", {{}, {}, {}, {promptNamed("p"), promptNamed("p")}}, "prompt p"}}) {
        DYNAMIC_SECTION(row.what) {
            const std::string why = refusal(row.lists);
            CHECK(why.find("not a runtime_error") == std::string::npos);
            CHECK(why.find(row.named) != std::string::npos);
        }
    }
}

TEST_CASE("resources, templates and prompts are found by what names them") {
    const FeatureRegistry features({{},
                                    {resourceAt("test://r")},
                                    {templateOf("test://{x}/item"), templateOf("test://{+all}")},
                                    {promptNamed("p")}});
    CHECK(features.hasResources());
    REQUIRE(features.resource("test://r"));
    CHECK(features.resource("test://R") == nullptr);
    CHECK(features.resourceTemplate("test://{x}/item")->name == "like test://{x}/item");
    CHECK(features.resourceTemplate("test://{y}/item") == nullptr);
    CHECK(features.prompt("p"));
    CHECK(features.prompt("") == nullptr);
}

TEST_CASE("a URI is matched by the first template that fits, its values decoded") {
    const FeatureRegistry features({{}, {}, {templateOf("test://{x}/item"), templateOf("test://{+all}")}, {}});
    const auto first = features.matchTemplate("test://a%22b/item");
    REQUIRE(first);
    CHECK(first->resource->uriTemplate == "test://{x}/item");
    CHECK(Json::parse(first->variablesJson) == Json{{"x", "a\"b"}});
    CHECK(features.matchTemplate("test://a/b/c")->resource->uriTemplate == "test://{+all}");
    CHECK_FALSE(features.matchTemplate("other://a").has_value());
}

TEST_CASE("the capabilities name what is offered") {
    Tool task = toolNamed("slow");
    task.tasks = Tool::Tasks::optional;
    const FeatureRegistry features({{task}, {}, {templateOf("test://{x}", true)}, {promptNamed("p")}});
    const Json old = Json::parse(features.capabilitiesJson(Era::legacy)),
               fresh = Json::parse(features.capabilitiesJson(Era::modern));
    CHECK(old.at("prompts") == Json{{"listChanged", true}});
    CHECK(old.at("resources") == Json{{"subscribe", true}, {"listChanged", true}});
    CHECK(old.at("completions") == Json::object());
    CHECK_FALSE(old.contains("extensions"));
    CHECK(fresh.at("extensions").contains("io.modelcontextprotocol/tasks"));
    CHECK(features.completes());
    CHECK(features.hasTasks());
    const FeatureRegistry completing({{}, {}, {}, {promptNamed("p", true)}});
    CHECK(completing.completes());
    CHECK_FALSE(completing.hasResources());
}

TEST_CASE("a tool's schemas are compiled once, its headers with them") {
    Tool tool = toolNamed("t");
    tool.inputSchema["properties"] = {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}}};
    tool.outputSchema = {{"type", "object"}};
    const FeatureRegistry features = withTools({tool, toolNamed("plain")});
    CHECK_FALSE(features.tool("t")->headers.empty());
    CHECK(features.tool("t")->output.has_value());
    CHECK(features.tool("plain")->headers.empty());
    CHECK_FALSE(features.tool("plain")->output.has_value());
}

TEST_CASE("lists that are the same have the same generation, all others another") {
    const auto generation = [](std::vector<Tool> tools, std::vector<Prompt> prompts = {}) {
        return FeatureRegistry({std::move(tools), {}, {}, std::move(prompts)}).generation();
    };
    const auto ofTwo = generation({toolNamed("a"), toolNamed("b")});
    CHECK(ofTwo == generation({toolNamed("a"), toolNamed("b")}));
    CHECK(ofTwo != generation({toolNamed("b"), toolNamed("a")}));
    CHECK(ofTwo != generation({toolNamed("a")}));
    CHECK(ofTwo != generation({toolNamed("a"), toolNamed("b")}, {promptNamed("p")}));
    Tool titled = toolNamed("b");
    titled.description += ", new";
    CHECK(ofTwo != generation({toolNamed("a"), titled}));
}

TEST_CASE("the lists of a backend are asked for once each") {
    ScriptedFactory backend;
    backend.offered.tools = {toolNamed("t")};
    backend.offered.resources = {resourceAt("test://r")};
    backend.offered.templates = {templateOf("test://{x}")};
    backend.offered.prompts = {promptNamed("p")};
    const FeatureLists lists = FeatureLists::of(backend);
    CHECK(lists.tools.size() == 1);
    CHECK(lists.resources.size() == 1);
    CHECK(lists.templates.size() == 1);
    CHECK(lists.prompts.size() == 1);
}
