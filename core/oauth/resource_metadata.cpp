#include "oauth/resource_metadata.hpp"

#include <gatehouse/json.hpp>

namespace gatehouse::oauth {

namespace {

// Where the path of an http(s) URL begins.
std::size_t pathOf(const std::string& url) {
    const std::size_t host = url.find("://");
    const std::size_t path = host == std::string::npos ? host : url.find('/', host + 3);
    return path == std::string::npos ? url.size() : path;
}

} // namespace

ResourceMetadata ResourceMetadata::from(const Settings& settings, std::string resource,
                                        std::vector<std::string> validatorsServers,
                                        std::vector<std::string> requiredScopes) {
    settings.allowOnly({"authorization_servers", "scopes", "name"});
    ResourceMetadata out;
    out.resource = std::move(resource);
    out.authorizationServers = settings.has("authorization_servers") ? settings.strings("authorization_servers")
                                                                     : std::move(validatorsServers);
    for (const std::string& server : out.authorizationServers)
        if (server.rfind("https://", 0) != 0 && server.rfind("http://", 0) != 0)
            throw SettingsError(settings.where() + ".authorization_servers: got \"" + server +
                                "\", wanted an http(s) URL");
    out.scopes = settings.has("scopes") ? settings.strings("scopes") : std::move(requiredScopes);
    out.name = settings.string("name", "");
    return out;
}

std::string ResourceMetadata::json() const {
    Json out = {{"resource", resource},
                {"authorization_servers", authorizationServers},
                {"bearer_methods_supported", {"header"}}};
    if (!scopes.empty()) out["scopes_supported"] = scopes;
    if (!name.empty()) out["resource_name"] = name;
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ResourceMetadata::url() const {
    const std::string path = resource.substr(pathOf(resource));
    return resource.substr(0, pathOf(resource)) + resourceMetadataPath + (path == "/" ? "" : path);
}

} // namespace gatehouse::oauth
