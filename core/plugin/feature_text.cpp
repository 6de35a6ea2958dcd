#include "plugin/feature_text.hpp"

#include <gatehouse/abi.h>

#include "plugin/library.hpp"
#include "plugin/plugin_words.hpp"

namespace gatehouse {

namespace {

// Takes members out of a definition one by one.
class Members {
public:
    Members(const char* kind, const FeatureText& text) : rest_(Json::parse(text.definitionJson, nullptr, false)) {
        if (!rest_.is_object())
            throw PluginError(std::string(kind) + " " + text.name + ": its definition is no JSON object");
    }
    Json take(const char* key) {
        Json value = rest_.contains(key) ? rest_[key] : Json();
        rest_.erase(key);
        return value;
    }
    std::string takeText(const char* key) {
        const Json value = take(key);
        return value.is_string() ? value.get<std::string>() : std::string();
    }
    Json rest() { return std::move(rest_); }

private:
    Json rest_;
};

bool has(const FeatureText& text, std::uint32_t flag) { return (text.flags & flag) != 0; }

PromptArgument argumentFrom(const Json& json) {
    const bool required = json.contains("required") && json["required"] == true;
    return {textIn(json, "name"), textIn(json, "description"), required, textIn(json, "title")};
}

} // namespace

Tool toolFrom(const FeatureText& text) {
    Members members("tool", text);
    Tool tool;
    tool.name = text.name;
    members.take("name");
    tool.title = members.takeText("title");
    tool.description = members.takeText("description");
    if (const Json schema = members.take("inputSchema"); schema.is_object()) tool.inputSchema = schema;
    tool.outputSchema = members.take("outputSchema");
    tool.annotations = members.take("annotations");
    tool.more = members.rest();
    tool.runsInline = has(text, GATEHOUSE_FEATURE_INLINE);
    if (has(text, GATEHOUSE_FEATURE_TASK)) tool.tasks = Tool::Tasks::optional;
    if (has(text, GATEHOUSE_FEATURE_TASK_ONLY)) tool.tasks = Tool::Tasks::required;
    tool.taskFromStart = !has(text, GATEHOUSE_FEATURE_TASK_LATER);
    return tool;
}

Resource resourceFrom(const FeatureText& text) {
    Members members("resource", text);
    Resource resource;
    resource.uri = text.name;
    members.take("uri");
    resource.name = members.takeText("name");
    resource.title = members.takeText("title");
    resource.description = members.takeText("description");
    resource.mimeType = members.takeText("mimeType");
    resource.more = members.rest();
    resource.runsInline = has(text, GATEHOUSE_FEATURE_INLINE);
    return resource;
}

ResourceTemplate resourceTemplateFrom(const FeatureText& text) {
    Members members("resource template", text);
    ResourceTemplate out;
    out.uriTemplate = text.name;
    members.take("uriTemplate");
    out.name = members.takeText("name");
    out.title = members.takeText("title");
    out.description = members.takeText("description");
    out.mimeType = members.takeText("mimeType");
    out.more = members.rest();
    out.runsInline = has(text, GATEHOUSE_FEATURE_INLINE);
    out.completes = has(text, GATEHOUSE_FEATURE_COMPLETES);
    return out;
}

Prompt promptFrom(const FeatureText& text) {
    Members members("prompt", text);
    Prompt prompt;
    prompt.name = text.name;
    members.take("name");
    prompt.title = members.takeText("title");
    prompt.description = members.takeText("description");
    for (const Json& argument : members.take("arguments"))
        if (argument.is_object()) prompt.arguments.push_back(argumentFrom(argument));
    prompt.more = members.rest();
    prompt.runsInline = has(text, GATEHOUSE_FEATURE_INLINE);
    prompt.completes = has(text, GATEHOUSE_FEATURE_COMPLETES);
    return prompt;
}

} // namespace gatehouse
