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
    Json extract(const char* key) {
        Json value = rest_.contains(key) ? rest_[key] : Json();
        rest_.erase(key);
        return value;
    }
    std::string extractString(const char* key) {
        const Json value = extract(key);
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
    members.extract("name");
    tool.title = members.extractString("title");
    tool.description = members.extractString("description");
    if (const Json schema = members.extract("inputSchema"); schema.is_object()) tool.inputSchema = schema;
    tool.outputSchema = members.extract("outputSchema");
    tool.annotations = members.extract("annotations");
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
    members.extract("uri");
    resource.name = members.extractString("name");
    resource.title = members.extractString("title");
    resource.description = members.extractString("description");
    resource.mimeType = members.extractString("mimeType");
    resource.more = members.rest();
    resource.runsInline = has(text, GATEHOUSE_FEATURE_INLINE);
    return resource;
}

ResourceTemplate resourceTemplateFrom(const FeatureText& text) {
    Members members("resource template", text);
    ResourceTemplate out;
    out.uriTemplate = text.name;
    members.extract("uriTemplate");
    out.name = members.extractString("name");
    out.title = members.extractString("title");
    out.description = members.extractString("description");
    out.mimeType = members.extractString("mimeType");
    out.more = members.rest();
    out.runsInline = has(text, GATEHOUSE_FEATURE_INLINE);
    out.completes = has(text, GATEHOUSE_FEATURE_COMPLETES);
    return out;
}

Prompt promptFrom(const FeatureText& text) {
    Members members("prompt", text);
    Prompt prompt;
    prompt.name = text.name;
    members.extract("name");
    prompt.title = members.extractString("title");
    prompt.description = members.extractString("description");
    for (const Json& argument : members.extract("arguments"))
        if (argument.is_object()) prompt.arguments.push_back(argumentFrom(argument));
    prompt.more = members.rest();
    prompt.runsInline = has(text, GATEHOUSE_FEATURE_INLINE);
    prompt.completes = has(text, GATEHOUSE_FEATURE_COMPLETES);
    return prompt;
}

} // namespace gatehouse
