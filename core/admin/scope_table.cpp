#include "admin/scope_table.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::admin {

namespace {

struct KnownScope {
    const char* name;
    const char* description;
};
constexpr std::array<KnownScope, 8> knownScopes{{{"execute:mcp", "Required for MCP execution"},
                                                 {"read:tasks", "Read task data"},
                                                 {"write:tasks", "Create/modify tasks"},
                                                 {"read:context", "Read context data"},
                                                 {"write:context", "Modify context"},
                                                 {"read:agents", "View agent configurations"},
                                                 {"write:agents", "Configure agents"},
                                                 {"write:data", "Change data through the backend's tools"}}};

bool isKnown(const std::string& scope) {
    return std::any_of(knownScopes.begin(), knownScopes.end(),
                       [&](const KnownScope& one) { return scope == one.name; });
}

// Those of the policy that a token can be given; a * in one stands for several.
std::vector<std::string> furtherScopes(const std::vector<std::string>& ofPolicy) {
    std::vector<std::string> out;
    for (const std::string& scope : ofPolicy)
        if (!isKnown(scope) && !isReservedScope(scope) && scope.find('*') == std::string::npos) out.push_back(scope);
    return out;
}

} // namespace

std::vector<std::string> grantableScopes(const std::vector<std::string>& ofPolicy) {
    auto out = furtherScopes(ofPolicy);
    for (const KnownScope& scope : knownScopes) out.emplace_back(scope.name);
    return out;
}

Json scopeTable(const std::vector<std::string>& ofPolicy) {
    Json out = Json::array();
    for (const KnownScope& scope : knownScopes)
        out.push_back({{"scope", scope.name}, {"description", scope.description}});
    for (const std::string& scope : furtherScopes(ofPolicy))
        out.push_back({{"scope", scope}, {"description", "Named by this server's policy"}});
    return out;
}

std::vector<std::string> leastScopes() { return {"read:tasks", "read:context", "read:agents"}; }

bool isReservedScope(const std::string& scope) {
    return scope == "*" || scope == "mcp:admin" || scope.rfind("tokens:", 0) == 0;
}

} // namespace gatehouse::admin
