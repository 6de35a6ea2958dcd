// The claims of an access token (RFC 7519 section 4.1, RFC 9068 sections 2 and 4, RFC 8725), and their identity.
//
// Claims are judged only after the signature. A claim that decides must have the type that its RFC says: another one is
// a refusal, never a guess. A claim that decides nothing here may have any type (RFC 7519 section 4). Threads: any;
// nothing is kept.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <gatehouse/json.hpp>
#include <gatehouse/token_validator.hpp>

namespace gatehouse::jose {

inline constexpr int defaultLeewaySeconds = 10;

struct ClaimRules {
    // `iss` is one of them, byte for byte; empty: not looked at. "{tenantid}" in one stands for the token's own `tid`.
    std::vector<std::string> issuers;
    std::vector<std::string> audiences; // `aud` names one of them, byte for byte; empty: not looked at
    std::vector<std::string> clients;   // `client_id` is one of them, byte for byte; empty: not looked at
    // The header's `typ`, without case and without "application/"; empty: JWT, at+jwt or none.
    std::vector<std::string> types;
    // The first that is there must be a string; one that is not `sub` may be a whole number, as ids in databases are.
    std::vector<std::string> subjects{"sub"};
    // One of them is in every access token of the provider and in none of its ID tokens; empty: not looked at.
    std::vector<std::string> accessClaims;
    std::string tokenUse; // `token_use` must be this; empty: anything but "id"
    bool requiresExpiry = true;
    bool takesIdTokens = false;                        // only for a provider that signs nothing else
    std::chrono::seconds leeway{defaultLeewaySeconds}; // for exp, nbf and iat: clocks differ
};

// Is `issuer` the token's `iss`, byte for byte? "{tenantid}" in it stands for the token's own `tid`, a GUID.
bool isIssuedBy(const Json& claims, const std::string& issuer);

// Nothing when every rule holds. Each check is added to `told`, if there is one; all are made then, not only those up
// to the first that fails. The detail holds no value of the token but its times.
std::optional<Rejected> judgeClaims(const Json& header, const Json& claims, const ClaimRules& rules, WallTime now,
                                    std::vector<TokenCheck>* told = nullptr);

// Where an identity's parts stand. A name is looked for as it is, and then as a path ("realm_access.roles").
struct ClaimMapping {
    std::vector<std::string> subject{"sub"};
    std::vector<std::string> client{"azp", "client_id", "appid", "cid"};
    std::vector<std::string> tokenId{"jti"};
    std::vector<std::string> scopes{"scope", "scp", "scopes"}; // all of them together
    // The names of `scopes` are guessed: one that is there in another shape means something else, if another one fits.
    bool guessesScopes = true;
};

// The claim of that name or path, which may lead through names with dots in them; null when it is not there,
// or is JSON's null.
const Json* findClaim(const Json& claims, const std::string& name);
// A NumericDate (RFC 7519 section 2); nothing when it is none or beyond the year 9999.
std::optional<WallTime> numericDate(const Json& value);
// Scopes are texts with blanks between them (RFC 8693 section 4.2), or a list of strings.
std::vector<std::string> scopesIn(const Json& claims, const std::vector<std::string>& names);
// Name of the first claim of the wrong type, or "": client and token id, each the first that is there, must be strings.
// So must be the claims for scopes, each that is there; where they are guessed, one at least.
std::string oddClaim(const Json& claims, const ClaimMapping& mapping);
// isolationKey is made of issuer, subject and client, so that the next token of the same user has the same.
// expiresAt is `exp` and the leeway.
Identity identityFrom(const Json& claims, const ClaimMapping& mapping, std::chrono::seconds leeway);

} // namespace gatehouse::jose
