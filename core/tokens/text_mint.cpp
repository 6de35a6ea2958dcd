#include "tokens/text_mint.hpp"

#include <gatehouse/base64.hpp>
#include <gatehouse/json.hpp>

#include "base/random.hpp"
#include "tokens/checked_token.hpp"
#include "tokens/token_request.hpp"

namespace gatehouse {

namespace {

std::int64_t numericDate(WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// Two texts of one token differ by jti, so that the one before a rotation is another one.
Json claimsOf(const TokenEntry& entry, const JwtMintOptions& options) {
    const std::string& user = entry.owner.empty() ? entry.record.id : entry.owner;
    Json out{{"sub", user},
             {"user_id", user},
             {"scopes", entry.terms.scopes},
             {"token_id", entry.record.id},
             {"jti", randomBase64Url(16, false)},
             {"aud", options.audience},
             {"iat", numericDate(entry.rotatedAt.value_or(entry.record.createdAt))},
             {"exp", numericDate(entry.record.expiresAt)}};
    if (!options.issuer.empty()) out["iss"] = options.issuer;
    if (entry.notBefore != WallTime{}) out["nbf"] = numericDate(entry.notBefore);
    return out;
}

std::string part(const Json& object) { return base64Url(object.dump(-1, ' ', false, Json::error_handler_t::replace)); }

} // namespace

TokenMint opaqueMint(std::string prefix) {
    return [prefix = std::move(prefix)](const TokenEntry&) { return newCheckedToken(prefix); };
}

TokenMint jwtMint(JwtMintOptions options) {
    return [options = std::move(options)](const TokenEntry& entry) {
        if (entry.record.expiresAt == never) throw TokenRequestError("expires_at", "is missing; a JWT has an end");
        const std::string input = part({{"alg", "HS256"}, {"typ", "JWT"}}) + "." + part(claimsOf(entry, options));
        const Sha256 mac = hmacSha256(options.secret, input);
        return input + "." + base64Url({reinterpret_cast<const char*>(mac.data()), mac.size()});
    };
}

} // namespace gatehouse
