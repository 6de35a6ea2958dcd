#include "jwt_validator.hpp"

#include <algorithm>

#include <gatehouse/jose/access_token_settings.hpp>
#include <gatehouse/plugin.hpp>

namespace jwt {

using namespace gatehouse;
using jose::Algorithm;
using jose::KeySet;

namespace {

constexpr const char* keySettings[] = {"secret", "public_key", "public_key_file", "jwks_file", "jwks_url"};

[[noreturn]] void refuse(const std::string& key, const std::string& words) { throw SettingsError(key + ": " + words); }

std::string chosenKey(const Settings& settings) {
    std::string chosen;
    for (const char* key : keySettings) {
        if (!settings.has(key)) continue;
        if (!chosen.empty()) refuse(key, "is there as well as " + chosen + "; keep one");
        chosen = key;
    }
    if (chosen.empty()) throw SettingsError("expected one of secret, public_key, public_key_file, jwks_file, jwks_url");
    return chosen;
}

KeySet secretSet(const Settings& settings) {
    auto key = jose::Key::fromSecret(settings.secret("secret"));
    if (const auto* fault = std::get_if<jose::KeyFault>(&key)) refuse("secret", fault->words);
    return KeySet::of({std::get<jose::Key>(std::move(key))});
}

KeySet fileSet(const std::string& key, const std::string& text) {
    auto set = KeySet::fromFileText(text);
    if (const auto* fault = std::get_if<jose::KeyFault>(&set)) refuse(key, fault->words);
    const auto& read = std::get<KeySet>(set);
    if (read.keys().empty())
        refuse(key, read.leftOut().empty() ? "no keys in it" : "no key in it can be used: " + read.leftOut().front());
    return std::get<KeySet>(std::move(set));
}

// Without `algorithms`: what a key of that kind is most used with. More must be asked for.
jose::AlgorithmSet usualAlgorithms(const KeySet& set) {
    jose::AlgorithmSet out;
    for (const jose::Key& key : set.keys())
        for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::ES384,
                                          Algorithm::ES512, Algorithm::EdDSA})
            if (key.algorithms().contains(algorithm)) out.add(algorithm);
    return out;
}

} // namespace

JwtValidator::JwtValidator(const Settings& settings, const Host& host, jose::RemoteKeySet::SteadyNow now)
    : host_(host), checksStore_(settings.flag("check_token_store")) {
    openKeys(settings, chosenKey(settings), now);
    rules_.claims.audiences = {host.resourceUrl()};
    rules_.mapping.subject = {"sub", "user_id"};
    rules_.mapping.tokenId = {"jti", "token_id"};
    jose::readAccessTokenSettings(settings, host.resourceUrl(), rules_);
    if (rules_.claims.audiences.empty() || rules_.claims.audiences.front().empty()) refuse("audience", "is empty");
    for (const std::string& left : fixed_ ? fixed_->leftOut() : std::vector<std::string>())
        host.log(LogLevel::warning, "left out " + left);
    if (remote_) remote_->start();
}

ValidatorTraits JwtValidator::traits() const {
    ValidatorTraits traits;
    traits.runsInline = fixed_ && fixed_->keys().front().isSymmetric(); // a hash in memory
    if (remote_) traits.authorizationServers = rules_.claims.issuers;
    return traits;
}

Verdict JwtValidator::validate(const TokenRequest& request) {
    if (request.trace && remote_) remote_->awaitFirstLoad(std::chrono::seconds(10));
    Verdict verdict = jose::judgeAccessToken(request.token, source_, rules_, host_.now(), request.trace);
    if (!checksStore_ || !std::holds_alternative<Accepted>(verdict)) return verdict;
    return withStore(request, std::move(verdict));
}

void JwtValidator::openKeys(const Settings& settings, const std::string& key,
                            const jose::RemoteKeySet::SteadyNow& now) {
    if (key == "jwks_url") return openRemote(settings.string("jwks_url"), now);
    if (key == "secret") fixed_ = std::make_shared<KeySet>(secretSet(settings));
    else
        fixed_ =
            std::make_shared<KeySet>(fileSet(key, key == "public_key" ? settings.string(key) : settings.fileOf(key)));
    rules_.algorithms = usualAlgorithms(*fixed_);
    source_ = [this](const std::string&) -> jose::RemoteKeySet::Answer { return fixed_; };
}

// The operator wrote the URL: it may be on a private address.
void JwtValidator::openRemote(const std::string& url, const jose::RemoteKeySet::SteadyNow& now) {
    rules_.algorithms = {Algorithm::RS256, Algorithm::ES256};
    const auto load = [this, url]() -> std::variant<KeySet, jose::KeyFault> {
        FetchRequest request;
        request.url = url;
        return KeySet::fromFetched(host_.fetch(request));
    };
    const auto told = [this](bool isWarning, const std::string& words) {
        host_.log(isWarning ? LogLevel::warning : LogLevel::info, words);
    };
    const jose::RemoteKeyTimes times;
    rules_.keepAccepts = times.refresh; // a key that is taken out ends what it signed
    remote_ = std::make_unique<jose::RemoteKeySet>(load, times, now, told);
    source_ = [this](const std::string& id) { return remote_->lookFor(id); };
}

// A token that was removed from the store, or has expired there, is refused although its signature is good.
Verdict JwtValidator::withStore(const TokenRequest& request, Verdict verdict) const {
    const TokenLookup found = host_.findToken(request.tokenSha256);
    if (std::holds_alternative<TokenStoreDown>(found)) return Unavailable{"the token store cannot answer"};
    const auto* record = std::get_if<TokenRecord>(&found);
    const bool lasts = record && record->expiresAt > host_.now();
    if (request.trace)
        request.trace->push_back({"token store", lasts,
                                  !record ? "token not found in database"
                                  : lasts ? "in it"
                                          : "expired"});
    if (!record) return Rejected{Rejected::Reason::revoked, "token not found in database", CachePolicy::forToken(), {}};
    if (!lasts) return Rejected{Rejected::Reason::expired, record->id, CachePolicy::forToken(), {}};
    auto& accepted = std::get<Accepted>(verdict);
    accepted.identity.tokenId = record->id;
    accepted.identity.expiresAt = std::min(accepted.identity.expiresAt, record->expiresAt);
    return verdict;
}

} // namespace jwt

// Exactly one of the keys.
GATEHOUSE_SETTINGS(R"({"properties": {
"secret": {"type": ["string", "integer"], "writeOnly": true, "description": "32 bytes or more, or file:/path of it"},
"public_key": {"type": "string", "description": "PEM"},
"public_key_file": {"type": "string", "description": "the same in a file"},
"jwks_file": {"type": "string", "description": "a JWK set, RFC 7517"},
"jwks_url": {"type": "string", "description": "where to fetch one, again and again"},
"check_token_store": {"type": "boolean", "default": false,
  "description": "true: what is not in the token file is refused as well"},
)" GATEHOUSE_ACCESS_TOKEN_SETTINGS "}}")
GATEHOUSE_TOKEN_VALIDATOR(jwt::JwtValidator, "jwt", "1.0.0")
