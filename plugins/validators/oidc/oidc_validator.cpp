#include "oidc_validator.hpp"

#include <gatehouse/jose/access_token_settings.hpp>
#include <gatehouse/plugin.hpp>

#include "discovery.hpp"
#include "provider_profile.hpp"

namespace oidc {

using namespace gatehouse;
using jose::KeyFault;
using jose::KeySet;

namespace {

constexpr const char* googleIssuer = "https://accounts.google.com";

// While the last `jwks_uri` is known, a look for a new one is short.
constexpr std::chrono::seconds rediscoveryTimeout{1};

jose::RemoteKeyTimes timesFrom(const Settings& settings) {
    jose::RemoteKeyTimes times;
    times.refresh = std::chrono::seconds(settings.integer("refresh_seconds"));
    times.maxStale = std::chrono::seconds(settings.integer("max_stale_seconds"));
    times.coolDown = std::chrono::seconds(settings.integer("cool_down_seconds"));
    return times;
}

void traceIdentity(const Identity& identity, std::vector<TokenCheck>& trace) {
    std::string scopes;
    for (const std::string& scope : identity.scopes) scopes.append(scopes.empty() ? "" : " ").append(scope);
    trace.push_back({"scopes", true, scopes.empty() ? "none" : scopes});
    const Json claims = Json::parse(identity.claimsJson, nullptr, false);
    const Json* overage = jose::findClaim(claims, "_claim_names.groups");
    if (overage) trace.push_back({"groups", true, "too many to be in the token (overage): none of them counts here"});
}

} // namespace

OidcValidator::OidcValidator(const Settings& settings, const Host& host, jose::RemoteKeySet::SteadyNow now)
    : host_(host), fixedUri_(settings.string("jwks_uri", "")) {
    rules_.algorithms = {jose::Algorithm::RS256, jose::Algorithm::ES256};
    rules_.claims.audiences = {host.resourceUrl()};
    applyProfile(settings, rules_);
    jose::readAccessTokenSettings(settings, host.resourceUrl(), rules_);
    if (rules_.claims.issuers.size() != 1)
        throw SettingsError("issuer: expected one URL; several issuers are several validators in a chain");
    if (issuer() == googleIssuer && !rules_.claims.takesIdTokens)
        throw SettingsError("profile: " + issuer() +
                            " signs ID tokens and nothing else, which are not meant for APIs; "
                            "`profile: google` takes them all the same");
    if (rules_.claims.audiences.empty() && rules_.claims.clients.empty())
        throw SettingsError("audience: is empty; a token made for any other service would be taken");
    makeKeys(timesFrom(settings), std::move(now));
    source_ = [this](const std::string& id) { return keys_->lookFor(id); };
    begin(settings.string("startup"));
}

ValidatorTraits OidcValidator::traits() const {
    ValidatorTraits traits;
    if (issuer().find('{') == std::string::npos) traits.authorizationServers = {issuer()};
    return traits;
}

Verdict OidcValidator::validate(const TokenRequest& request) {
    if (request.trace) keys_->awaitFirstLoad(std::chrono::seconds(10));
    Verdict verdict = jose::judgeAccessToken(request.token, source_, rules_, host_.now(), request.trace);
    const auto* yes = std::get_if<Accepted>(&verdict);
    if (yes && request.trace) traceIdentity(yes->identity, *request.trace);
    return verdict;
}

void OidcValidator::makeKeys(const jose::RemoteKeyTimes& times, jose::RemoteKeySet::SteadyNow now) {
    rules_.keepAccepts = times.refresh; // a key that is taken out ends what it signed
    const auto told = [this](bool isWarning, const std::string& words) {
        host_.log(isWarning ? LogLevel::warning : LogLevel::info, issuer() + ": " + words);
    };
    keys_ = std::make_unique<jose::RemoteKeySet>([this] { return load(); }, times, std::move(now), told);
}

// lazy: tokens are answered with 503 until the keys are there. strict: without keys the server does not start.
void OidcValidator::begin(const std::string& startup) {
    if (startup == "strict") {
        keys_->step();
        const auto known = keys_->current();
        if (const auto* down = std::get_if<Unavailable>(&known))
            throw SettingsError("issuer: " + issuer() + ": " + down->detail);
    }
    keys_->start();
}

// Sets `jwksUri_` to what the document says now. Why it cannot be had, or empty.
std::string OidcValidator::discovered() {
    const auto fetch = [this](FetchRequest request) {
        if (!jwksUri_.empty()) request.timeout = rediscoveryTimeout;
        return host_.fetch(request);
    };
    const auto found = discover(issuer(), fetch);
    if (const auto* fault = std::get_if<DiscoveryFault>(&found)) return fault->words;
    jwksUri_ = std::get<Provider>(found).jwksUri;
    return {};
}

// On the key set's own thread, or before it has started.
std::variant<KeySet, KeyFault> OidcValidator::load() {
    const std::string fault = fixedUri_.empty() ? discovered() : "";
    const std::string uri = fixedUri_.empty() ? jwksUri_ : fixedUri_;
    if (uri.empty()) return KeyFault{fault};
    auto keys =
        KeySet::fromFetched(host_.fetch(fixedUri_.empty() ? keyRequest(issuer(), uri) : trustedKeyRequest(uri)));
    const auto* wrong = std::get_if<KeyFault>(&keys);
    if (!wrong) return keys;
    jwksUri_.clear(); // the next discovery takes its time
    return KeyFault{uri + ": " + wrong->words};
}

} // namespace oidc

GATEHOUSE_SETTINGS(R"({"properties": {
"profile": {"enum": ["keycloak", "entra", "okta", "auth0", "google", "cognito"],
  "description": "where this provider's tokens have scopes and roles"},
"client_id": {"type": ["string", "array"], "items": {"type": "string"},
  "description": "ours at the provider, for roles that are kept per client; cognito: whose tokens are taken"},
"jwks_uri": {"type": "string", "default": "", "description": "the provider's keys; default: as its metadata say"},
"startup": {"enum": ["lazy", "strict"], "default": "lazy", "description": "strict: without keys the server does not start"},
"refresh_seconds": {"type": "integer", "minimum": 10, "maximum": 86400, "default": 300,
  "description": "a key that is taken out ends what it signed within twice this"},
"max_stale_seconds": {"type": "integer", "minimum": 60, "maximum": 604800, "default": 86400,
  "description": "how long keys count when the provider is down"},
"cool_down_seconds": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 30,
  "description": "between two questions for a key that is not known"},
)" GATEHOUSE_ACCESS_TOKEN_SETTINGS "}}")
GATEHOUSE_TOKEN_VALIDATOR(oidc::OidcValidator, "oidc", "1.0.0")
