#include "mcp/tool_registry.hpp"

#include <algorithm>
#include <stdexcept>

namespace gatehouse::mcp {

namespace {

constexpr std::size_t maxNameLength = 64;

bool isToolName(std::string_view name) {
    constexpr std::string_view marks = "_-./";
    return !name.empty() && name.size() <= maxNameLength && std::all_of(name.begin(), name.end(), [&](char c) {
        const bool word = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        return word || marks.find(c) != std::string_view::npos;
    });
}

void requireServable(const Tool& tool) {
    if (!isToolName(tool.name))
        throw std::runtime_error("tool \"" + tool.name + "\": wanted a name of 1-64 letters, digits, _ - . /");
    const bool isObject =
        tool.inputSchema.is_object() && tool.inputSchema.contains("type") && tool.inputSchema["type"] == "object";
    if (!isObject) throw std::runtime_error("tool " + tool.name + ": its inputSchema must have \"type\": \"object\"");
}

std::string textOf(const Tool& tool) {
    try {
        return tool.definition().dump();
    } catch (const Json::exception& fault) {
        throw std::runtime_error("tool " + tool.name + ": " + fault.what());
    }
}

} // namespace

ToolRegistry::ToolRegistry(std::vector<Tool> tools) {
    std::string list;
    for (Tool& tool : tools) {
        requireServable(tool);
        list += (list.empty() ? "" : ",") + textOf(tool);
        const std::string name = tool.name;
        if (!tools_.emplace(name, std::move(tool)).second) throw std::runtime_error("tool " + name + " is there twice");
    }
    legacyList_ = R"({"tools":[)" + list + "]}";
    modernList_ = R"({"ttlMs":60000,"cacheScope":"private","tools":[)" + list + "]}";
}

const Tool* ToolRegistry::find(std::string_view name) const {
    const auto found = tools_.find(name);
    return found == tools_.end() ? nullptr : &found->second;
}

} // namespace gatehouse::mcp
