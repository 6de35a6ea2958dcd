// Tool: a function that a backend offers (MCP "server/tools").
#pragma once

#include <string>

#include <gatehouse/json.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse {

struct Tool {
    std::string name; // 1-64 of A-Z a-z 0-9 _ - . /
    std::string title;
    std::string description;
    Json inputSchema = {{"type", "object"}, {"additionalProperties", false}}; // JSON Schema, root type object
    Json outputSchema; // null: none; else results carry structuredContent of this shape
    Json annotations;  // null: none; ToolAnnotations, e.g. {"readOnlyHint": true}
    Json more;         // null: none; further members of the MCP Tool object, such as icons or _meta

    // The tool's calls (and its client's making and closing) never block and take microseconds: they may run on the
    // event loop. The default is a worker thread.
    bool runsInline = false;

    // A client that declared the tasks extension gets a task at once and asks for the result later
    // (io.modelcontextprotocol/tasks); every other client waits for the result as for any tool.
    bool runsAsTask = false;

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
