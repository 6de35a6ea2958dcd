#include "mcp/feature/feature_registry.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <stdexcept>

#include <gatehouse/ascii.hpp>

#include "base/digest.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::size_t maxNameLength = 64;

bool isToolName(std::string_view name) {
    constexpr std::string_view marks = "_-./";
    return !name.empty() && name.size() <= maxNameLength && std::all_of(name.begin(), name.end(), [&](char c) {
        return isAlphanumeric(c) || marks.find(c) != std::string_view::npos;
    });
}

void requireServable(const Tool& tool) {
    if (!isToolName(tool.name))
        throw FeatureError("tool \"" + tool.name + "\": expected a name of 1-64 letters, digits, _ - . /");
    const bool isObject =
        tool.inputSchema.is_object() && tool.inputSchema.contains("type") && tool.inputSchema["type"] == "object";
    if (!isObject) throw FeatureError("tool " + tool.name + ": its inputSchema must have \"type\": \"object\"");
}

// The text of a definition; what cannot be text names the feature.
template <class Feature>
std::string textOf(const Feature& feature, const std::string& what) {
    try {
        return feature.definition().dump();
    } catch (const Json::exception& fault) {
        throw FeatureError(what + ": " + fault.what());
    }
}

template <class Map>
auto found(const Map& map, std::string_view name) -> const typename Map::mapped_type* {
    const auto at = map.find(name);
    return at == map.end() ? nullptr : &at->second;
}

[[noreturn]] void twice(const std::string& what) { throw FeatureError(what + " is a duplicate"); }

// The tool with what is made of its schemas.
ToolEntry entryOf(Tool tool) {
    try {
        ParamHeaders headers(tool.inputSchema);
        auto input = schema::JsonSchema::compile(tool.inputSchema);
        std::optional<schema::JsonSchema> output;
        if (!tool.outputSchema.is_null()) output = schema::JsonSchema::compile(tool.outputSchema);
        return {std::move(tool), std::move(headers), std::move(input), std::move(output)};
    } catch (const std::runtime_error& fault) {
        throw FeatureError("tool " + tool.name + ": " + fault.what());
    }
}

std::uint64_t digestOf(std::initializer_list<const FeatureRegistry::List*> lists) {
    std::string all;
    for (const FeatureRegistry::List* list : lists) {
        all.append(list->member).append("\n");
        for (const std::string& item : list->items) all.append(item).append("\n"); // no line break is in an item
    }
    const Sha256 digest = sha256(all);
    std::uint64_t first = 0;
    std::memcpy(&first, digest.data(), sizeof(first));
    return first;
}

} // namespace

FeatureLists FeatureLists::of(const Backend& backend) {
    return {backend.tools(), backend.resources(), backend.resourceTemplates(), backend.prompts()};
}

FeatureRegistry::FeatureRegistry(FeatureLists lists) {
    for (Tool& tool : lists.tools) addTool(std::move(tool));
    for (Resource& resource : lists.resources) addResource(std::move(resource));
    for (ResourceTemplate& resource : lists.templates) addTemplate(std::move(resource));
    for (Prompt& prompt : lists.prompts) addPrompt(std::move(prompt));
    generation_ = digestOf({&toolList_, &resourceList_, &templateList_, &promptList_});
    for (const Era era : {Era::legacy, Era::modern}) (era == Era::modern ? modern_ : legacy_) = capabilitiesOf(era);
}

void FeatureRegistry::addTool(Tool tool) {
    requireServable(tool);
    toolList_.items.push_back(textOf(tool, "tool " + tool.name));
    toolList_.names.push_back(tool.name);
    hasTasks_ = hasTasks_ || tool.tasks != Tool::Tasks::none;
    const std::string name = tool.name;
    if (!tools_.emplace(name, entryOf(std::move(tool))).second) twice("tool " + name);
}

void FeatureRegistry::addResource(Resource resource) {
    const std::string uri = resource.uri;
    if (uri.empty()) throw FeatureError("resource " + resource.name + ": it has no uri");
    resourceList_.items.push_back(textOf(resource, "resource " + uri));
    resourceList_.names.push_back(uri);
    if (!resources_.emplace(uri, std::move(resource)).second) twice("resource " + uri);
}

void FeatureRegistry::addTemplate(ResourceTemplate resource) {
    const std::string text = resource.uriTemplate;
    if (resourceTemplate(text)) twice("resource template " + text);
    templateList_.items.push_back(textOf(resource, "resource template " + text));
    templateList_.names.push_back(text);
    completes_ = completes_ || resource.completes;
    templates_.push_back({std::move(resource), UriTemplate(text)});
}

void FeatureRegistry::addPrompt(Prompt prompt) {
    const std::string name = prompt.name;
    if (name.empty()) throw FeatureError("a prompt has no name");
    promptList_.items.push_back(textOf(prompt, "prompt " + name));
    promptList_.names.push_back(name);
    completes_ = completes_ || prompt.completes;
    if (!prompts_.emplace(name, std::move(prompt)).second) twice("prompt " + name);
}

const ToolEntry* FeatureRegistry::tool(std::string_view name) const { return found(tools_, name); }
const Resource* FeatureRegistry::resource(std::string_view uri) const { return found(resources_, uri); }
const Prompt* FeatureRegistry::prompt(std::string_view name) const { return found(prompts_, name); }

const ResourceTemplate* FeatureRegistry::resourceTemplate(std::string_view uriTemplate) const {
    for (const TemplateEntry& entry : templates_)
        if (entry.resource.uriTemplate == uriTemplate) return &entry.resource;
    return nullptr;
}

std::optional<TemplateMatch> FeatureRegistry::matchTemplate(std::string_view uri) const {
    for (const TemplateEntry& entry : templates_) {
        const auto variables = entry.matcher.match(uri);
        if (!variables) continue;
        Json json = Json::object();
        for (const auto& [name, value] : *variables) json[name] = value;
        return TemplateMatch{&entry.resource, json.dump(-1, ' ', false, Json::error_handler_t::replace)};
    }
    return std::nullopt;
}

std::string FeatureRegistry::capabilitiesOf(Era era) const {
    Json out = {{"logging", Json::object()}, {"tools", {{"listChanged", true}}}};
    if (!promptList_.items.empty()) out["prompts"] = {{"listChanged", true}};
    if (hasResources()) out["resources"] = {{"subscribe", true}, {"listChanged", true}};
    if (completes_) out["completions"] = Json::object();
    if (era == Era::modern && hasTasks_) out["extensions"] = {{"io.modelcontextprotocol/tasks", Json::object()}};
    return out.dump();
}

} // namespace gatehouse::mcp
