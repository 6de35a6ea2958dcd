// What is known of the providers that most operators have: where their tokens keep scopes, roles and client.
// Threads: any; nothing is kept.
#pragma once

#include <string>

#include <gatehouse/jose/access_token.hpp>

namespace oidc {

// Fills in what the provider's tokens look like. `clientId`: ours at the provider, for roles that are kept per client.
// Throws SettingsError for a name that is none of keycloak, entra, okta, auth0, google.
void applyProfile(const std::string& profile, const std::string& clientId, gatehouse::jose::AccessTokenRules& rules);

} // namespace oidc
