#include "introspection_validator.hpp"

#include <algorithm>

#include <gatehouse/jose/access_token.hpp>
#include <gatehouse/jose/access_token_settings.hpp>
#include <gatehouse/plugin.hpp>

namespace introspection {

using namespace gatehouse;

IntrospectionValidator::IntrospectionValidator(const Settings& settings, const Host& host)
    : host_(host), issuer_(settings.has("issuer") ? settings.string("issuer") : ""), credentials_(settings),
      onlyOpaque_(settings.flag("opaque_only")), requiredScopes_(settings.strings("required_scopes")),
      keep_(settings.integer("cache_seconds")), keepRejects_(settings.integer("reject_seconds")),
      timeout_(settings.integer("timeout_seconds")) {
    rules_.endpoint = settings.string("endpoint");
    rules_.issuer = issuer_.empty() ? rules_.endpoint : issuer_;
    rules_.claims.audiences =
        settings.has("audience") ? settings.someStrings("audience") : std::vector<std::string>{host.resourceUrl()};
    for (std::string& audience : rules_.claims.audiences)
        if (audience == "{resource}") audience = host.resourceUrl();
    rules_.claims.requiresExpiry = settings.flag("require_expiry");
    rules_.claims.leeway = jose::leewayFrom(settings);
    rules_.claims.subjects = rules_.mapping.subject = {"sub", "username", "client_id"};
    rules_.mapping.client = {"client_id", "azp"};
}

ValidatorTraits IntrospectionValidator::traits() const {
    ValidatorTraits traits;
    if (!issuer_.empty()) traits.authorizationServers = {issuer_};
    return traits;
}

Verdict IntrospectionValidator::validate(const TokenRequest& request) {
    const bool isJwt = std::count(request.token.begin(), request.token.end(), '.') == 2;
    if (onlyOpaque_ && isJwt) return Rejected{Rejected::Reason::notMine, "a JWT", CachePolicy::forToken(), {}};
    FetchRequest question = credentials_.request(
        rules_.endpoint, {{"token", std::string(request.token)}, {"token_type_hint", "access_token"}}, host_.now());
    question.timeout = timeout_;
    Verdict verdict = judgeAnswer(host_.fetch(question), rules_, host_.now(), request.trace);
    if (auto* yes = std::get_if<Accepted>(&verdict)) {
        yes->requiredScopes = requiredScopes_;
        yes->cache = CachePolicy::forToken(keep_);
    }
    if (auto* no = std::get_if<Rejected>(&verdict); no && !jose::isMendedByTime(*no))
        no->cache = CachePolicy::forToken(keepRejects_);
    return verdict;
}

} // namespace introspection

GATEHOUSE_SETTINGS(R"({"required": ["endpoint", "client_id"], "properties": {
"endpoint": {"type": "string", "description": "of the provider's introspection, RFC 7662"},
"issuer": {"type": "string", "description": "where clients log in"},
"opaque_only": {"type": "boolean", "default": false, "description": "true: JWTs are for another validator of the chain"},
"cache_seconds": {"type": "integer", "minimum": 0, "maximum": 3600, "default": 60,
  "description": "how long a good answer counts; never past the token's exp"},
"reject_seconds": {"type": "integer", "minimum": 0, "maximum": 600, "default": 10, "description": "and a refusal"},
"timeout_seconds": {"type": "integer", "minimum": 1, "maximum": 10, "default": 5, "description": "of one question"},
)" GATEHOUSE_TIME_SETTINGS "," GATEHOUSE_AUDIENCE_SETTINGS "," GATEHOUSE_CLIENT_SETTINGS "}}")
GATEHOUSE_TOKEN_VALIDATOR(introspection::IntrospectionValidator, "introspection", "1.0.0")
