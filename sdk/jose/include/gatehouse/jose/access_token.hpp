// A JWT access token judged from end to end: signature, claims, identity.
//
// A token that is not a JWT, or has an unknown issuer, is rejected as notMine, so that a chain may ask the next
// validator. Every other fault is a final rejection.
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/jose/claims.hpp>
#include <gatehouse/jose/jws.hpp>
#include <gatehouse/jose/remote_key_set.hpp>
#include <gatehouse/settings.hpp>

namespace gatehouse::jose {

struct AccessTokenRules {
    AlgorithmSet algorithms;
    ClaimRules claims;
    ClaimMapping mapping;
    std::vector<std::string> requiredScopes; // for every request; the host checks them
    std::chrono::seconds keepRejects{60};    // how long a refusal may be kept for the same token
    // How long an accepted token may be kept, at most until it ends: as long as a key may be gone unnoticed. Nothing:
    // no limit but its end.
    std::optional<std::chrono::seconds> keepAccepts{};
};

// The keys for a token with this kid.
using KeySource = std::function<RemoteKeySet::Answer(const std::string& keyId)>;

// With `told`, every rule is looked at and noted, also after one that failed.
Verdict judgeAccessToken(std::string_view token, const KeySource& keys, const AccessTokenRules& rules, WallTime now,
                         std::vector<TokenCheck>* told = nullptr);

// True of a token that is not valid yet: its refusal must not be kept.
bool isMendedByTime(const Rejected& no);

// The settings that all validators of JWTs share: issuer, audience, algorithms, leeway_seconds, require_expiry, types,
// required_scopes, claims {subject, client, token_id, scopes}; access_token_settings.hpp declares them. What is not set
// stays as it is in `rules`. An audience "{resource}" stands for `resourceUrl`. Throws SettingsError.
void readAccessTokenSettings(const Settings& settings, const std::string& resourceUrl, AccessTokenRules& rules);
// `leeway_seconds`, for every validator that judges times; at most 300. Throws SettingsError.
std::chrono::seconds leewayFrom(const Settings& settings,
                                std::chrono::seconds otherwise = std::chrono::seconds(defaultLeewaySeconds));

} // namespace gatehouse::jose
