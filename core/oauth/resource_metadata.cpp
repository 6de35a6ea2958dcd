#include "oauth/resource_metadata.hpp"

#include <gatehouse/json.hpp>

#include "base/url_parts.hpp"

namespace gatehouse::oauth {

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
            throw SettingsError(settings.where() + ".authorization_servers: expected an http(s) URL, got \"" + server +
                                "\"");
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
    const auto url = urlParts(resource);
    const std::size_t origin = url ? resource.size() - url->path.size() - url->rest.size() : resource.size();
    const std::string path = resource.substr(origin);
    return resource.substr(0, origin) + resourceMetadataPath + (path == "/" ? "" : path);
}

} // namespace gatehouse::oauth
