// oidc: access tokens of an OpenID provider or authorization server, whose keys are found by discovery.
//
// The keys are kept fresh in the background (gatehouse/jose/remote_key_set.hpp). A token that is no JWT, or another
// issuer's, is not ours. Verdicts hold for the token until it expires.
#include <gatehouse/jose/access_token.hpp>
#include <gatehouse/plugin.hpp>

#include "discovery.hpp"
#include "provider_profile.hpp"

namespace {

using namespace gatehouse;
using jose::KeyFault;
using jose::KeySet;

class OidcValidator final : public TokenValidator {
public:
    OidcValidator(const Settings& settings, const Host& host)
        : host_(host), jwksUri_(settings.text("jwks_uri", "")), fixedUri_(!jwksUri_.empty()) {
        settings.allowOnly(jose::accessTokenKeys({"profile", "client_id", "jwks_uri", "startup", "refresh_seconds",
                                                  "max_stale_seconds", "cool_down_seconds"}));
        rules_.algorithms = {jose::Algorithm::RS256, jose::Algorithm::ES256};
        rules_.claims.audiences = {host.resourceUrl()};
        oidc::applyProfile(settings.text("profile", ""), settings.text("client_id", ""), rules_);
        jose::readAccessTokenSettings(settings, host.resourceUrl(), rules_);
        if (rules_.claims.issuers.size() != 1)
            throw SettingsError("issuer: wanted one URL; several issuers are several validators in a chain");
        if (rules_.claims.audiences.empty())
            throw SettingsError("audience: is empty; a token made for any other service would be taken");
        makeKeys(timesFrom(settings));
        source_ = [this](const std::string& id) { return keys_->lookFor(id); };
        begin(settings.text("startup", "lazy"));
    }

    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        if (issuer().find('{') == std::string::npos) traits.authorizationServers = {issuer()};
        return traits;
    }

    Verdict validate(const TokenRequest& request) override {
        return jose::judgeAccessToken(request.token, source_, rules_, host_.now());
    }

    std::vector<TokenCheck> explain(const TokenRequest& request) override {
        keys_->awaitFirstLoad(std::chrono::seconds(10));
        std::vector<TokenCheck> checks;
        const Verdict verdict = jose::judgeAccessToken(request.token, source_, rules_, host_.now(), &checks);
        if (const auto* yes = std::get_if<Accepted>(&verdict)) explainIdentity(yes->identity, checks);
        return checks;
    }

private:
    const std::string& issuer() const { return rules_.claims.issuers.front(); }

    static jose::RemoteKeyTimes timesFrom(const Settings& settings) {
        jose::RemoteKeyTimes times;
        times.refresh = std::chrono::seconds(settings.integer("refresh_seconds", times.refresh.count(), 10, 86400));
        times.maxStale =
            std::chrono::seconds(settings.integer("max_stale_seconds", times.maxStale.count(), 60, 7 * 86400));
        times.coolDown = std::chrono::seconds(settings.integer("cool_down_seconds", times.coolDown.count(), 1, 3600));
        return times;
    }

    void makeKeys(const jose::RemoteKeyTimes& times) {
        rules_.keepAccepts = times.refresh; // a key that is taken out ends what it signed
        const auto told = [this](bool isWarning, const std::string& words) {
            host_.log(isWarning ? LogLevel::warning : LogLevel::info, issuer() + ": " + words);
        };
        keys_ = std::make_unique<jose::RemoteKeySet>([this] { return load(); }, times, &std::chrono::steady_clock::now,
                                                     told);
    }

    // lazy: tokens are answered with 503 until the keys are there. strict: without keys the server does not start.
    void begin(const std::string& startup) {
        if (startup != "lazy" && startup != "strict")
            throw SettingsError("startup: got \"" + startup + "\", wanted lazy or strict");
        if (startup == "strict") {
            keys_->step();
            const auto known = keys_->current();
            if (const auto* down = std::get_if<Unavailable>(&known))
                throw SettingsError("issuer: " + issuer() + ": " + down->detail);
        }
        keys_->start();
    }

    // On the key set's own thread, or before it has started.
    std::variant<KeySet, KeyFault> load() {
        const auto fetch = [this](const FetchRequest& request) { return host_.fetch(request); };
        if (jwksUri_.empty()) {
            const auto found = oidc::discover(issuer(), fetch);
            if (const auto* fault = std::get_if<oidc::DiscoveryFault>(&found)) return KeyFault{fault->words};
            jwksUri_ = std::get<oidc::Provider>(found).jwksUri;
        }
        auto keys = KeySet::fromFetched(fetch(oidc::keyRequest(issuer(), jwksUri_)));
        auto* fault = std::get_if<KeyFault>(&keys);
        if (!fault) return keys;
        KeyFault told{jwksUri_ + ": " + fault->words};
        if (!fixedUri_) jwksUri_.clear(); // the keys may have moved
        return told;
    }

    void explainIdentity(const Identity& identity, std::vector<TokenCheck>& checks) const {
        std::string scopes;
        for (const std::string& scope : identity.scopes) scopes.append(scopes.empty() ? "" : " ").append(scope);
        checks.push_back({"scopes", true, scopes.empty() ? "none" : scopes});
        const Json claims = Json::parse(identity.claimsJson, nullptr, false);
        const Json* overage = jose::findClaim(claims, "_claim_names.groups");
        if (overage)
            checks.push_back({"groups", true, "too many to be in the token (overage): none of them counts here"});
    }

    const Host& host_;
    jose::AccessTokenRules rules_;
    std::string jwksUri_; // of the loading thread
    const bool fixedUri_;
    jose::KeySource source_;
    std::unique_ptr<jose::RemoteKeySet> keys_; // last: its thread uses the others
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(OidcValidator, "oidc", "1.0.0")
