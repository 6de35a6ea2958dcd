#include "token_exchange_validator.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <openssl/sha.h>

#include <gatehouse/jose/access_token_settings.hpp>
#include <gatehouse/jose/strict_json.hpp>
#include <gatehouse/plugin.hpp>

namespace token_exchange {

using namespace gatehouse;

namespace {

constexpr const char* accessTokenType = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::size_t keptTokens = 10'000;
constexpr std::chrono::seconds shortLife{60}; // of an exchanged token whose life is not told

Sha256 digestOf(std::string_view token) {
    Sha256 digest{};
    SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
    return digest;
}

// The error code alone: what else the server says may hold secrets.
std::string errorOf(const std::optional<Json>& body) {
    const auto error = body ? body->find("error") : Json::const_iterator();
    return body && error != body->end() && error->is_string() ? error->get<std::string>().substr(0, 64) : "";
}

bool sameWord(const std::string& a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return (x | 32) == y; });
}

std::optional<double> secondsIn(const Json& value) {
    if (value.is_number()) return value.get<double>();
    const auto* text = value.get_ptr<const std::string*>();
    if (!text || text->find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
    double seconds = 0;
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, seconds);
    return error == std::errc() && stop == end ? std::optional(seconds) : std::nullopt;
}

} // namespace

std::optional<std::chrono::milliseconds> lifeIn(const Json& answer) {
    constexpr double most = 24 * 3600, perSecond = 1000;
    const auto told = answer.find("expires_in");
    const auto seconds = told == answer.end() ? std::nullopt : secondsIn(*told);
    if (!seconds || !std::isfinite(*seconds)) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(*seconds, 0.0, most) * perSecond));
}

TokenExchangeValidator::TokenExchangeValidator(const Settings& settings, const Host& host, SteadyNow now)
    : host_(host), now_(std::move(now)), endpoint_(settings.string("token_endpoint")),
      audience_(settings.has("audience") ? settings.string("audience") : ""),
      resource_(settings.has("resource") ? settings.string("resource") : ""), scope_(settings.string("scope", "")),
      allowed_(settings.strings("allowed_audiences")), credentials_(settings),
      inner_(host.validator(settings.string("validator"))), cache_(keptTokens) {
    if (audience_.empty() && resource_.empty())
        throw SettingsError("audience: missing; the exchanged token must have one");
}

ValidatorTraits TokenExchangeValidator::traits() const {
    ValidatorTraits traits = inner_.traits();
    traits.runsInline = false;
    traits.exchanges = true;
    return traits;
}

Verdict TokenExchangeValidator::validate(const TokenRequest& request) { return inner_.validate(request); }

std::string TokenExchangeValidator::notReady() const {
    const auto rest = circuit_.open(now_());
    return rest.count() == 0
               ? ""
               : "the token endpoint failed, and is asked again in " + std::to_string(rest.count()) + " s";
}

// The verdict on the caller's token is the inner validator's. A call needs a token for the backend besides: from the
// cache (by the caller's token and audience), or from the endpoint, unless that has just failed several times.
ExchangeAnswer TokenExchangeValidator::exchange(const ExchangeRequest& request) {
    const std::string audience = request.audience.empty() ? audience_ : std::string(request.audience);
    if (!isAllowed(audience)) return ExchangeRefused{"audience " + audience + " is not one of allowed_audiences"};
    const ExchangeCache::Key key{digestOf(request.token), audience};
    if (auto kept = cache_.find(key, host_.now())) return Exchanged{std::move(*kept)};
    if (const auto rest = circuit_.open(now_()); rest.count() > 0)
        return Unavailable{endpoint_ + ": not asked after failures", rest};
    ExchangeAnswer answer = ask(request, audience, key);
    circuit_.record(!std::holds_alternative<Unavailable>(answer), now_());
    return answer;
}

bool TokenExchangeValidator::isAllowed(const std::string& audience) const {
    return audience == audience_ || std::find(allowed_.begin(), allowed_.end(), audience) != allowed_.end();
}

Form TokenExchangeValidator::form(const ExchangeRequest& request, const std::string& audience) const {
    Form form{{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
              {"subject_token", std::string(request.token)},
              {"subject_token_type", accessTokenType},
              {"requested_token_type", accessTokenType}};
    if (!audience.empty()) form.emplace_back("audience", audience);
    if (!resource_.empty()) form.emplace_back("resource", resource_);
    if (!scope_.empty()) form.emplace_back("scope", scope_);
    return form;
}

ExchangeAnswer TokenExchangeValidator::ask(const ExchangeRequest& request, const std::string& audience,
                                           const ExchangeCache::Key& key) {
    FetchRequest question = credentials_.request(endpoint_, form(request, audience), host_.now());
    question.timeout = std::min<std::chrono::milliseconds>(request.timeout, std::chrono::seconds(10));
    const FetchResult fetched = host_.fetch(question);
    const auto* answer = std::get_if<FetchAnswer>(&fetched);
    if (!answer) return Unavailable{endpoint_ + ": " + std::get<FetchFault>(fetched).words};
    const auto body = jose::strictJsonObject(answer->body);
    if (answer->status >= 500 || answer->status == 429 || (answer->status == 200 && !body))
        return Unavailable{endpoint_ + ": HTTP " + std::to_string(answer->status)};
    if (answer->status == 401) // RFC 6749 section 5.2: this client is refused, not the token
        return Unavailable{endpoint_ + ": HTTP 401: our own client credentials are refused"};
    if (answer->status != 200)
        return ExchangeRefused{endpoint_ + ": HTTP " + std::to_string(answer->status) + " " + errorOf(body)};
    return identify(*body, request, key);
}

ExchangeAnswer TokenExchangeValidator::identify(const Json& body, const ExchangeRequest& request,
                                                const ExchangeCache::Key& key) {
    const auto token = body.find("access_token");
    const auto type = body.find("token_type");
    if (token == body.end() || !token->is_string() || token->get_ref<const std::string&>().empty())
        return Unavailable{endpoint_ + ": the answer has no access_token"};
    const bool isBearer =
        type == body.end() || (type->is_string() && sameWord(type->get_ref<const std::string&>(), "bearer"));
    if (!isBearer) return ExchangeRefused{endpoint_ + ": the exchanged token is no bearer token"};
    auto credential = token->get<std::string>();
    if (credential == request.token) return ExchangeRefused{endpoint_ + ": the caller's own token came back"};
    const WallTime end = host_.now() + lifeIn(body).value_or(shortLife);
    cache_.keep(key, credential, std::min(request.identity.expiresAt, end));
    return Exchanged{std::move(credential)};
}

} // namespace token_exchange

GATEHOUSE_SETTINGS(R"({"required": ["validator", "token_endpoint", "client_id"], "properties": {
"validator": {"type": "string", "description": "who judges the caller's token"},
"token_endpoint": {"type": "string", "description": "of the provider, RFC 8693"},
"audience": {"type": "string", "description": "of the exchanged token; this or resource"},
"resource": {"type": "string", "description": "the same as a URL, RFC 8707"},
"scope": {"type": "string", "default": "", "description": "what the exchanged token may do; empty: the provider decides"},
"allowed_audiences": {"type": ["string", "array"], "items": {"type": "string"},
  "description": "what else a backend may ask tokens for"},
)" GATEHOUSE_CLIENT_SETTINGS "}}")
GATEHOUSE_TOKEN_VALIDATOR(token_exchange::TokenExchangeValidator, "token_exchange", "1.0.0")
