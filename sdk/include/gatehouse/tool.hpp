// Tool: a function that a backend offers (MCP "server/tools").
#pragma once

#include <string>

#include <gatehouse/json.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse {

struct Tool {
    std::string name; // 1-64 of A-Z a-z 0-9 _ - . /
    std::string title{};
    std::string description{};
    Json inputSchema = {{"type", "object"}, {"additionalProperties", false}}; // JSON Schema, root type object
    Json outputSchema{}; // null: none; else results carry structuredContent of this shape
    Json annotations{};  // null: none; ToolAnnotations, e.g. {"readOnlyHint": true}
    Json more{};         // null: none; further members of the MCP Tool object, such as icons or _meta

    // The tool's calls (and its client's making and closing) never block and take microseconds: they may run on the
    // event loop. The default is a worker thread.
    bool runsInline = false;

    // With a client that declared the tasks extension (io.modelcontextprotocol/tasks) a call may answer a task at once,
    // whose result is asked for later. optional: other clients wait for the result, as with any tool; required: other
    // clients are refused.
    enum class Tasks { none, optional, required };
    Tasks tasks = Tasks::none;
    bool taskFromStart = true; // false: the handler says from where on (CallContext::becomeTask)

    // The MCP Tool object.
    Json definition() const {
        Json tool = more.is_object() ? more : Json::object();
        tool.update({{"name", name}, {"description", description}, {"inputSchema", inputSchema}});
        if (!title.empty()) tool["title"] = title;
        if (!outputSchema.is_null()) tool["outputSchema"] = outputSchema;
        if (!annotations.is_null()) tool["annotations"] = annotations;
        return tool;
    }
};

} // namespace gatehouse
