// Tool and ToolResult: what a backend offers, and what a call answers (MCP "server/tools").
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <gatehouse/json.hpp>
#include <gatehouse/json_text.hpp>

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

// The result of a tool call, written as it is built.
class ToolResult {
public:
    ToolResult() = default;
    static ToolResult text(std::string_view text) { return ToolResult().addText(text); }
    // The call was understood but the tool failed: a result the model can read, not a protocol error.
    static ToolResult failure(std::string_view text) {
        ToolResult result = ToolResult::text(text);
        result.isError_ = true;
        return result;
    }

    ToolResult& addText(std::string_view text) & {
        content_ += content_.empty() ? R"({"type":"text","text":)" : R"(,{"type":"text","text":)";
        appendJsonString(content_, text);
        content_ += '}';
        return *this;
    }
    ToolResult&& addText(std::string_view text) && { return std::move(addText(text)); }

    // `json` is one JSON value as text, of the shape of the tool's outputSchema.
    ToolResult& structured(std::string json) & {
        structured_ = std::move(json);
        return *this;
    }
    ToolResult&& structured(std::string json) && { return std::move(structured(std::move(json))); }

    // A finished CallToolResult object, passed on as it stands.
    static ToolResult raw(std::string json) {
        ToolResult result;
        result.raw_ = std::move(json);
        return result;
    }

    // The MCP CallToolResult object.
    std::string json() const& { return raw_.empty() ? written() : raw_; }
    std::string json() && { return raw_.empty() ? written() : std::move(raw_); }

private:
    std::string written() const {
        std::string out;
        out.reserve(content_.size() + structured_.size() + 64);
        out += R"({"content":[)";
        out += content_;
        out += ']';
        if (!structured_.empty()) out.append(R"(,"structuredContent":)").append(structured_);
        if (isError_) out += R"(,"isError":true)";
        out += '}';
        return out;
    }

    std::string content_;
    std::string structured_;
    std::string raw_;
    bool isError_ = false;
};

} // namespace gatehouse
