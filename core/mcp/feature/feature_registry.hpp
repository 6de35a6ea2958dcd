// FeatureRegistry: what the backend offers at one time: tools, resources, templates and prompts, checked and compiled
// once, with their list items written once.
// Threads: any; immutable. A change of the backend's lists makes a new one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/backend.hpp>

#include "auth/policy.hpp"
#include "mcp/feature/param_headers.hpp"
#include "mcp/message/era.hpp"
#include "schema/json_schema.hpp"
#include "uri/uri_template.hpp"

namespace gatehouse::mcp {

// What a backend offers cannot be served: a name, a URI or a schema that may not be.
class FeatureError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct FeatureLists {
    std::vector<Tool> tools;
    std::vector<Resource> resources;
    std::vector<ResourceTemplate> templates;
    std::vector<Prompt> prompts;

    static FeatureLists of(const Backend& backend);
};

struct ToolEntry {
    Tool tool;
    ParamHeaders headers;
    schema::JsonSchema input;
    std::optional<schema::JsonSchema> output;
};

struct TemplateEntry {
    ResourceTemplate resource;
    UriTemplate matcher;
};

// A read of a template: which, and its variables as a JSON object.
struct TemplateMatch {
    const ResourceTemplate* resource = nullptr;
    std::string variablesJson;
};

class FeatureRegistry {
public:
    // Throws std::runtime_error naming the feature whose name, schema or template cannot be served, or that is there
    // twice.
    explicit FeatureRegistry(FeatureLists lists);

    const ToolEntry* tool(std::string_view name) const;
    const Resource* resource(std::string_view uri) const;
    std::optional<TemplateMatch> matchTemplate(std::string_view uri) const;
    const ResourceTemplate* resourceTemplate(std::string_view uriTemplate) const;
    const Prompt* prompt(std::string_view name) const;

    // One list: the MCP objects as text, in the backend's order.
    struct List {
        std::string member; // of the result: "tools", ...
        FeatureKind kind;
        std::vector<std::string> items{};
        std::vector<std::string> names{}; // of the items, as the policy knows them
    };
    const List& tools() const { return toolList_; }
    const List& resources() const { return resourceList_; }
    const List& templates() const { return templateList_; }
    const List& prompts() const { return promptList_; }
    // The same wherever the lists are the same, so that a cursor of one node is good at another.
    std::uint64_t generation() const { return generation_; }

    bool hasResources() const { return !resourceList_.items.empty() || !templateList_.items.empty(); }
    bool completes() const { return completes_; }
    bool hasTasks() const { return hasTasks_; }
    // The MCP ServerCapabilities object of each era.
    // Made once: no tree of JSON is built, and taken down, for a request (nlohmann's needs memory to be taken down).
    const std::string& capabilitiesJson(Era era) const { return era == Era::modern ? modern_ : legacy_; }

private:
    std::string capabilitiesOf(Era era) const;
    void addTool(Tool tool);
    void addResource(Resource resource);
    void addTemplate(ResourceTemplate resource);
    void addPrompt(Prompt prompt);

    std::uint64_t generation_ = 0;
    std::map<std::string, ToolEntry, std::less<>> tools_;
    std::map<std::string, Resource, std::less<>> resources_;
    std::vector<TemplateEntry> templates_;
    std::map<std::string, Prompt, std::less<>> prompts_;
    List toolList_{"tools", FeatureKind::tool};
    List resourceList_{"resources", FeatureKind::resource};
    List templateList_{"resourceTemplates", FeatureKind::resource};
    List promptList_{"prompts", FeatureKind::prompt};
    bool completes_ = false;
    bool hasTasks_ = false;
    std::string legacy_, modern_; // capabilities
};

} // namespace gatehouse::mcp
