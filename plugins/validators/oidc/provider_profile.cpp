#include "provider_profile.hpp"

namespace oidc {

using namespace gatehouse;

void applyProfile(const std::string& profile, const std::string& clientId, jose::AccessTokenRules& rules) {
    if (profile.empty()) return;
    if (profile == "keycloak") {
        rules.mapping.scopes = {"scope", "realm_access.roles"};
        if (!clientId.empty()) rules.mapping.scopes.push_back("resource_access." + clientId + ".roles");
    } else if (profile == "entra") {
        rules.mapping.scopes = {"scp", "roles", "groups"};
        rules.mapping.client = {"azp", "appid"};
        rules.mapping.tokenId = {"uti", "jti"};
    } else if (profile == "okta") {
        rules.mapping.scopes = {"scp", "groups"};
        rules.mapping.client = {"cid"};
    } else if (profile == "auth0") {
        rules.mapping.scopes = {"scope", "permissions"};
    } else if (profile == "google") { // its access tokens are opaque: what is signed is its ID token
        rules.claims.takesIdTokens = true;
    } else {
        throw SettingsError("profile: got \"" + profile + "\", wanted keycloak, entra, okta, auth0 or google");
    }
}

} // namespace oidc
