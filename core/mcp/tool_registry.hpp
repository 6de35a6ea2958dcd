// ToolRegistry: the tools of the backend, and their lists written once.
// Threads: any; immutable.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/backend.hpp>

namespace gatehouse::mcp {

class ToolRegistry {
public:
    // Throws std::runtime_error naming the tool whose name or schema cannot be served.
    explicit ToolRegistry(std::vector<Tool> tools);

    const Tool* find(std::string_view name) const;
    // The tools/list result of each era, without pages.
    const std::string& legacyList() const { return legacyList_; }
    const std::string& modernList() const { return modernList_; }

private:
    std::map<std::string, Tool, std::less<>> tools_;
    std::string legacyList_;
    std::string modernList_;
};

} // namespace gatehouse::mcp
