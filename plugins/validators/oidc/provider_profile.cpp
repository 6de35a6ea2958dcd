#include "provider_profile.hpp"

namespace oidc {

using namespace gatehouse;

namespace {

void applyCognito(const Settings& settings, jose::AccessTokenRules& rules) {
    if (!settings.has("client_id"))
        throw SettingsError(
            "client_id: missing; Cognito's access tokens have no aud, so the app clients whose tokens "
            "are taken must be named");
    rules.claims.audiences.clear(); // `audience` in the settings is asked for as well
    rules.claims.clients = settings.someStrings("client_id");
    rules.claims.tokenUse = "access";
    rules.mapping.client = {"client_id"};
    rules.mapping.scopes = {"scope", "cognito:groups"};
    rules.mapping.guessesScopes = false;
}

} // namespace

void applyProfile(const Settings& settings, jose::AccessTokenRules& rules) {
    const std::string profile = settings.string("profile", "");
    if (profile == "cognito") return applyCognito(settings, rules);
    const std::string clientId = settings.string("client_id", "");
    if (profile.empty()) return;
    rules.mapping.guessesScopes = false;
    if (profile == "keycloak") {
        rules.mapping.scopes = {"scope", "realm_access.roles"};
        if (!clientId.empty()) rules.mapping.scopes.push_back("resource_access." + clientId + ".roles");
    } else if (profile == "entra") {
        rules.mapping.scopes = {"scp", "roles", "groups"};
        rules.mapping.client = rules.claims.accessClaims = {"azp", "appid"};
        rules.mapping.tokenId = {"uti", "jti"};
    } else if (profile == "okta") {
        rules.mapping.scopes = {"scp", "groups"};
        rules.mapping.client = rules.claims.accessClaims = {"cid"};
    } else if (profile == "auth0") {
        rules.mapping.scopes = {"scope", "permissions"};
    } else if (profile == "google") { // its access tokens are opaque: what is signed is its ID token
        rules.claims.takesIdTokens = true;
        rules.mapping.guessesScopes = true;
    } else {
        throw SettingsError("profile: expected keycloak, entra, okta, auth0, google or cognito, got \"" + profile +
                            "\"");
    }
}

} // namespace oidc
