// What is known of the providers that most operators have: where their tokens keep scopes, roles and client.
// Threads: any; nothing is kept.
#pragma once

#include <gatehouse/jose/access_token.hpp>

namespace oidc {

// Fills in what the tokens of the provider that `profile` names look like: keycloak, entra, okta, auth0, google,
// cognito. `client_id` is ours at the provider, for roles that Keycloak keeps per client. Cognito's access tokens have
// no audience: there `client_id` (one, or a list) says whose tokens are taken, and must be set. Throws SettingsError.
void applyProfile(const gatehouse::Settings& settings, gatehouse::jose::AccessTokenRules& rules);

} // namespace oidc
