#include "server/text_mint_choice.hpp"

#include <algorithm>
#include <optional>

#include <gatehouse/settings.hpp>

#include "server/server_settings.hpp"
#include "server/validator_registry.hpp"

namespace gatehouse {

namespace {

std::string firstText(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    const bool isList = value.is_array() && !value.empty() && value.front().is_string();
    return isList ? value.front().get<std::string>() : std::string();
}

// The settings of the validator that takes what is made; nothing when there is none.
std::optional<std::string> jwtValidator(const AuthSettings& auth) {
    for (const std::string& name : auth.validator) {
        const auto settings = auth.validators.find(name);
        if (settings == auth.validators.end() || ValidatorRegistry::pluginOf(auth, name) != "jwt") continue;
        const Settings own(settings->second, "auth.validators." + name);
        if (own.has("secret") && own.flag("check_token_store", false)) return name;
    }
    return std::nullopt;
}

} // namespace

TokenMint tokenMintOf(const Config& config) {
    const AuthSettings& auth = config.auth;
    if (auth.tokenKind == "opaque") return opaqueMint(auth.tokenPrefix);
    if (auth.tokenKind != "jwt")
        throw SettingsError("auth.tokens.kind: expected opaque or jwt, got \"" + auth.tokenKind + "\"");
    const auto name = jwtValidator(auth);
    if (!name)
        throw SettingsError(
            "auth.tokens.kind: jwt needs the validator jwt in auth.validator, with secret and "
            "check_token_store: true");
    const Json& values = auth.validators.at(*name);
    const std::string audience = firstText(values.value("audience", Json()));
    const TokenMint jwt =
        jwtMint({.secret = Settings(values, "auth.validators." + *name).secret("secret"),
                 .audience = audience.empty() || audience == "{resource}" ? resourceUrlOf(config) : audience,
                 .issuer = firstText(values.value("issuer", Json()))});
    // What manages tokens is not for MCP, and needs no claims.
    return [jwt, opaque = opaqueMint(auth.tokenPrefix)](const TokenEntry& entry) {
        return entry.purpose == TokenPurpose::mcp ? jwt(entry) : opaque(entry);
    };
}

} // namespace gatehouse
