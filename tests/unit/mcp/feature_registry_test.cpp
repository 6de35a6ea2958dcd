#include "mcp/tool_registry.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/scripted_factory.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

Tool withSchema(Json schema) {
    Tool tool = toolNamed("odd");
    tool.inputSchema = std::move(schema);
    return tool;
}

Tool withDescription(std::string text) {
    Tool tool = toolNamed("odd");
    tool.description = std::move(text);
    return tool;
}

} // namespace

TEST_CASE("tools are found by name and listed in order, for each era") {
    const ToolRegistry tools({toolNamed("second"), toolNamed("first")});
    REQUIRE(tools.find("first"));
    CHECK(tools.find("first")->name == "first");
    CHECK(tools.find("First") == nullptr);
    CHECK(tools.find("") == nullptr);
    const Json legacy = Json::parse(tools.legacyList()), modern = Json::parse(tools.modernList());
    CHECK(legacy.at("tools").at(0).at("name") == "second");
    CHECK(legacy.at("tools").at(1).at("inputSchema").at("type") == "object");
    CHECK(modern.at("tools") == legacy.at("tools"));
    CHECK(modern.at("cacheScope") == "private");
    CHECK(modern.at("ttlMs").is_number());
    CHECK_FALSE(legacy.contains("ttlMs"));
}

TEST_CASE("a backend without tools has an empty list") { CHECK(ToolRegistry({}).legacyList() == R"({"tools":[]})"); }

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
            if (row.fits) CHECK_NOTHROW(ToolRegistry({toolNamed(row.name)}));
            else CHECK_THROWS_AS(ToolRegistry({toolNamed(row.name)}), std::runtime_error);
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
             {"the same name twice", {toolNamed("odd"), toolNamed("odd")}}}) {
        DYNAMIC_SECTION(row.what) {
            std::string what;
            try {
                ToolRegistry tools(row.tools);
            } catch (const std::runtime_error& refusal) {
                what = refusal.what();
            } catch (const std::exception& other) {
                what = std::string("not a runtime_error: ") + other.what();
            }
            CHECK(what.find("tool odd") == 0);
        }
    }
}
