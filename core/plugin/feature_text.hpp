// The features of a plugin as they came through the border, and the SDK's classes made of them.
// Threads: any.
#pragma once

#include <cstdint>
#include <string>

#include <gatehouse/backend.hpp>

namespace gatehouse {

struct FeatureText {
    std::string name;
    std::string definitionJson; // the MCP object
    std::uint32_t flags = 0;    // GATEHOUSE_FEATURE_INLINE, ...
};

// Members that the class knows become its own, the rest stays in `more`. Each throws PluginError naming the feature
// when its definition is no JSON object.
Tool toolFrom(const FeatureText& text);
Resource resourceFrom(const FeatureText& text);
ResourceTemplate resourceTemplateFrom(const FeatureText& text);
Prompt promptFrom(const FeatureText& text);

} // namespace gatehouse
