#include "fixture.hpp"

#include <chrono>
#include <thread>

namespace everything {

namespace {

using namespace std::chrono_literals;

void wait(const Call& call, std::chrono::milliseconds time) {
    for (auto left = time; left > 0ms && !call.context.cancelled(); left -= 10ms) std::this_thread::sleep_for(10ms);
}

CallOutcome progress(const Call& call) {
    for (const int done : {0, 50, 100}) {
        call.context.progress(done, 100, "Completed step " + std::to_string(done) + " of 100");
        wait(call, 50ms);
    }
    return Result::text("Progress finished");
}

CallOutcome logging(const Call& call) {
    for (const char* text : {"Tool execution started", "Tool processing data", "Tool execution completed"}) {
        call.context.message(MessageLevel::info, text, "everything");
        wait(call, 50ms);
    }
    return Result::text("Logging finished");
}

CallOutcome logOnce(const Call& call) {
    call.context.message(MessageLevel::info, "A message for those who want it", "everything");
    return Result::text("Logged");
}

// The client is let go in the middle of the call and comes back for the answer.
CallOutcome reconnect(const Call& call) {
    call.context.releaseStream(500ms);
    wait(call, 100ms);
    return Result::text("Reconnection test completed successfully");
}

CallOutcome changeTools(const Call& call) {
    call.host.notify(Change::tools);
    return Result::text("The list of tools has changed");
}

CallOutcome changePrompts(const Call& call) {
    call.host.notify(Change::prompts);
    return Result::text("The list of prompts has changed");
}

CallOutcome updateResource(const Call& call) {
    call.host.notify(Change::resource, call.text("uri", "test://watched-resource"));
    return Result::text("The resource has changed");
}

// Takes as long as it is told, or until it is cancelled.
CallOutcome slow(const Call& call) {
    wait(call, std::chrono::milliseconds(call.arguments.value("milliseconds", 1000)));
    return call.context.cancelled() ? Result::failure("cancelled") : Result::text("Slow, but done");
}

ToolFixture schemaTool() {
    ToolFixture out = toolFixture("json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features",
                                  [](const Call& call) { return Result::text(call.arguments.dump()); });
    out.tool.inputSchema = Json::parse(R"({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "$defs": {"address": {"$anchor": "addressDef", "type": "object",
                              "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
        "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
                       "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                       "phone": {"type": "string"}, "email": {"type": "string"}},
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]}, "else": {"required": ["email"]}, "additionalProperties": false})");
    return out;
}

ToolFixture headerTool() {
    Json region = stringProperty("Where; repeated in the header Mcp-Param-Region");
    region["x-mcp-header"] = "Region";
    return toolFixture("test_x_mcp_header", "Has an argument that is repeated in a header",
                       [](const Call& call) { return Result::text("Region: " + call.text("region", "none")); },
                       {{"region", region}});
}

} // namespace

std::vector<ToolFixture> protocolTools() {
    return {
        toolFixture("test_tool_with_progress", "Tells of its progress", progress),
        toolFixture("test_tool_with_logging", "Sends log messages", logging),
        toolFixture("test_logging_tool", "Sends one log message", logOnce),
        toolFixture("test_reconnection", "Lets the client go, which comes back for the answer", reconnect),
        toolFixture("test_trigger_tool_change", "Tells that the list of tools has changed", changeTools),
        toolFixture("test_trigger_prompt_change", "Tells that the list of prompts has changed", changePrompts),
        toolFixture("test_update_resource", "Tells that a resource has changed", updateResource,
                    {{"uri", stringProperty("Which; test://watched-resource unless given")}}),
        toolFixture("test_slow", "Takes a while", slow, {{"milliseconds", {{"type", "integer"}, {"minimum", 0}}}}),
        schemaTool(),
        headerTool(),
    };
}

} // namespace everything
