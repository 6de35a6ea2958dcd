#include <gatehouse/tool.hpp>

#include <catch2/catch.hpp>

#include <vector>

using namespace gatehouse;

TEST_CASE("a tool's definition has what MCP asks for, and no more than was given") {
    Tool tool;
    tool.name = "echo";
    tool.description = "Answers.";
    CHECK(tool.definition() == Json({{"name", "echo"},
                                     {"description", "Answers."},
                                     {"inputSchema", {{"type", "object"}, {"additionalProperties", false}}}}));

    tool.title = "Echo";
    tool.inputSchema = {{"type", "object"}};
    tool.outputSchema = {{"type", "object"}, {"required", {"a"}}};
    tool.annotations = {{"readOnlyHint", true}};
    tool.more = {{"_meta", {{"x", 1}}}};
    CHECK(tool.definition() == Json({{"name", "echo"},
                                     {"title", "Echo"},
                                     {"description", "Answers."},
                                     {"inputSchema", {{"type", "object"}}},
                                     {"outputSchema", {{"type", "object"}, {"required", {"a"}}}},
                                     {"annotations", {{"readOnlyHint", true}}},
                                     {"_meta", {{"x", 1}}}}));
}

TEST_CASE("further members never replace those that have a place of their own") {
    Tool tool;
    tool.name = "right";
    tool.title = "Right";
    tool.more = {{"name", "wrong"}, {"title", "wrong"}, {"inputSchema", "wrong"}, {"icons", Json::array()}};
    const Json definition = tool.definition();
    CHECK(definition["name"] == "right");
    CHECK(definition["title"] == "Right");
    CHECK(definition["inputSchema"].is_object());
    CHECK(definition["icons"].is_array());
}

TEST_CASE("a result is a CallToolResult object") {
    struct Row {
        const char* what;
        Result result;
        const char* json;
    };
    for (
        const Row& row : std::vector<Row>{
            {"nothing", Result(), R"({"content":[]})"},
            {"a text", Result::text("hello"), R"({"content":[{"type":"text","text":"hello"}]})"},
            {"two texts", Result::text("a").addText("b"),
             R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})"},
            {"an empty text", Result::text(""), R"({"content":[{"type":"text","text":""}]})"},
            {"a failure", Result::failure("no"), R"({"content":[{"type":"text","text":"no"}],"isError":true})"},
            {"a structured one", Result::text("1").structured(R"({"n":1})"),
             R"({"content":[{"type":"text","text":"1"}],"structuredContent":{"n":1}})"},
            {"a failure with more", Result::failure("no").structured("{}").addText("why"),
             R"({"content":[{"type":"text","text":"no"},{"type":"text","text":"why"}],"structuredContent":{},"isError":true})"},
            {"one that is finished", Result::raw(R"({"content":[],"_meta":{}})"), R"({"content":[],"_meta":{}})"}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(row.result.json() == row.json);
            CHECK(Result(row.result).json() == row.json);
            CHECK_NOTHROW(Json::parse(row.json));
        }
    }
}

TEST_CASE("a result is built step by step as well") {
    Result result;
    result.addText("a").addText("b").structured("[1]");
    CHECK(Json::parse(result.json())["content"].size() == 2);
    CHECK(Json::parse(result.json())["structuredContent"] == Json({1}));
}

TEST_CASE("a text with anything in it stays inside of its quotes") {
    for (const std::string& text :
         std::vector<std::string>{"\"}],\"isError\":true,\"x\":[{\"", "\n", "\\", "\xff", std::string("\0", 1)}) {
        const Json read = Json::parse(Result::text(text).json());
        CHECK(read.size() == 1);
        CHECK(read["content"].size() == 1);
    }
}

TEST_CASE("a result has content of every kind") {
    const Json content = Json::parse(Result()
                                         .addImage("AAAA", "image/png")
                                         .addAudio("BBBB", "audio/wav")
                                         .addResource("test://\"r\"", "text/plain", "x")
                                         .addBlock(R"({"type":"resource_link","uri":"test://l","name":"l"})")
                                         .json())["content"];
    CHECK(content == Json::array({{{"type", "image"}, {"data", "AAAA"}, {"mimeType", "image/png"}},
                                  {{"type", "audio"}, {"data", "BBBB"}, {"mimeType", "audio/wav"}},
                                  {{"type", "resource"},
                                   {"resource", {{"uri", "test://\"r\""}, {"mimeType", "text/plain"}, {"text", "x"}}}},
                                  {{"type", "resource_link"}, {"uri", "test://l"}, {"name", "l"}}}));
}
