#include "fixture.hpp"

namespace everything {

ToolFixture toolFixture(std::string name, std::string description, Handler handler, Json properties,
                        std::vector<std::string> required) {
    Tool tool;
    tool.name = std::move(name);
    tool.description = std::move(description);
    tool.inputSchema = {{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) tool.inputSchema["required"] = required;
    return {std::move(tool), std::move(handler)};
}

Json stringProperty(const char* description) { return {{"type", "string"}, {"description", description}}; }

std::string_view redDot() {
    return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
}

std::string_view silence() { return "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA=="; }

namespace {

CallOutcome multiple(const Call&) {
    return Result::text("Multiple content types test:")
        .addImage(redDot(), "image/png")
        .addResource("test://mixed-content-resource", "application/json", R"({"test":"data","value":123})");
}

CallOutcome structured(const Call& call) {
    const Json weather = {{"city", call.text("city")}, {"degrees", 21.5}};
    return Result::text(weather.dump()).structured(weather.dump());
}

ToolFixture structuredTool() {
    ToolFixture out = toolFixture("test_structured_content", "Answers structured content of its output schema",
                                  structured, {{"city", stringProperty("A city")}}, {"city"});
    out.tool.outputSchema = {{"type", "object"},
                             {"properties", {{"city", {{"type", "string"}}}, {"degrees", {{"type", "number"}}}}},
                             {"required", {"city", "degrees"}}};
    out.tool.annotations = {{"readOnlyHint", true}, {"openWorldHint", false}};
    return out;
}

} // namespace

std::vector<ToolFixture> contentTools() {
    return {
        toolFixture("test_simple_text", "Answers a simple text",
                    [](const Call&) { return Result::text("This is a simple text response for testing."); }),
        toolFixture("test_image_content", "Answers an image",
                    [](const Call&) { return Result().addImage(redDot(), "image/png"); }),
        toolFixture("test_audio_content", "Answers audio",
                    [](const Call&) { return Result().addAudio(silence(), "audio/wav"); }),
        toolFixture("test_embedded_resource", "Answers an embedded resource",
                    [](const Call&) {
                        return Result().addResource("test://embedded-resource", "text/plain",
                                                    "This is an embedded resource content.");
                    }),
        toolFixture("test_multiple_content_types", "Answers a text, an image and a resource", multiple),
        toolFixture(
            "test_error_handling", "Fails as a tool, not as a call",
            [](const Call&) { return Result::failure("This tool intentionally returns an error for testing"); }),
        structuredTool(),
    };
}

} // namespace everything
