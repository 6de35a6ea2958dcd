// The document in which a resource server names its authorization servers (RFC 9728 section 2), and where it stands
// (section 3). Everything in it comes from the settings, nothing from a request.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

#include <gatehouse/settings.hpp>

namespace gatehouse::oauth {

struct ResourceMetadata {
    std::string resource; // canonical URL of the MCP endpoint
    std::vector<std::string> authorizationServers;
    std::vector<std::string> scopes;
    std::string name;

    // Settings (auth.resource): authorization_servers, scopes, name. Without the first, the validators' own stand.
    // Throws SettingsError.
    static ResourceMetadata from(const Settings& settings, std::string resource,
                                 std::vector<std::string> validatorsServers, std::vector<std::string> requiredScopes);
    bool isServed() const { return !authorizationServers.empty(); }
    std::string json() const;
    // URL of the document: its well-known path stands between host and path (section 3.1).
    std::string url() const;
};

inline constexpr const char* resourceMetadataPath = "/.well-known/oauth-protected-resource";

} // namespace gatehouse::oauth
