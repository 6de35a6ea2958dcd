#include "admin/oidc_sign_in.hpp"

#include <algorithm>
#include <array>

#include <gatehouse/ascii.hpp>
#include <gatehouse/base64.hpp>
#include <gatehouse/form.hpp>
#include <gatehouse/jose/claims.hpp>
#include <gatehouse/jose/jws.hpp>
#include <gatehouse/jose/strict_json.hpp>

#include "admin/api_query.hpp"
#include "base/digest.hpp"
#include "base/random.hpp"
#include "base/url_parts.hpp"

namespace gatehouse::admin {

namespace {

using jose::Algorithm;

constexpr const char* bound = "sign-in";
constexpr std::size_t maxOwner = 200; // bytes, as of any owner of a token

bool isSame(std::string_view a, std::string_view b) { return equalInConstantTime(sha256(a), sha256(b)); }

std::string textOf(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool lists(const Json& object, const char* name, const std::string& value) {
    const auto found = object.find(name);
    return found != object.end() && found->is_array() && std::find(found->begin(), found->end(), value) != found->end();
}

std::string digestText(std::string_view text) {
    const Sha256 digest = sha256(text);
    return base64Url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool hasValue(const Json& claim, const std::vector<std::string>& values) {
    const auto isOne = [&](const Json& one) {
        return one.is_string() && std::find(values.begin(), values.end(), one.get<std::string>()) != values.end();
    };
    return claim.is_array() ? std::any_of(claim.begin(), claim.end(), isOne) : isOne(claim);
}

[[noreturn]] void refuse(const char* code, const std::string& words) { throw SignInError(code, words); }

} // namespace

// What a browser carries between its beginning and its return.
struct OidcSignIn::Attempt {
    std::string state, nonce, verifier;
};

OidcSignIn::OidcSignIn(SignInOptions options, Fetch fetch, const Clock& clock)
    : options_(std::move(options)), fetch_(std::move(fetch)), clock_(clock), sealer_({}, "sign-in", clock) {}

// --- the provider

Json OidcSignIn::object(const FetchRequest& request, const char* what) const {
    const FetchResult result = fetch_(request);
    if (const auto* fault = std::get_if<FetchFault>(&result))
        refuse("provider_down", std::string(what) + ": " + fault->words);
    const auto& answer = std::get<FetchAnswer>(result);
    const auto out = jose::strictJsonObject(answer.body);
    if (answer.status != 200 || !out)
        refuse("provider_refused", std::string(what) + " answered " + std::to_string(answer.status) +
                                       (out ? " " + textOf(*out, "error").substr(0, 100) : ""));
    return *out;
}

// Its document must be that of the issuer: another one would choose the keys (OpenID Connect Discovery section 4.3).
OidcSignIn::Metadata OidcSignIn::fetchMetadata() const {
    FetchRequest request;
    std::string place = options_.issuer;
    while (!place.empty() && place.back() == '/') place.pop_back();
    request.url = place + "/.well-known/openid-configuration";
    const Json document = object(request, "the provider's metadata");
    if (textOf(document, "issuer") != options_.issuer) refuse("provider_refused", "the metadata are of another issuer");
    const char* methods = "token_endpoint_auth_methods_supported";
    Metadata out{.authorization = textOf(document, "authorization_endpoint"),
                 .token = textOf(document, "token_endpoint"),
                 .keys = textOf(document, "jwks_uri"),
                 .userInfo = textOf(document, "userinfo_endpoint"),
                 .namesIssuer = document.value("authorization_response_iss_parameter_supported", Json()) == true,
                 .postsSecret = document.contains(methods) && !lists(document, methods, "client_secret_basic"),
                 .fetched = clock_.steady()};
    if (out.authorization.empty() || out.token.empty() || out.keys.empty())
        refuse("provider_refused", "the metadata name no authorization_endpoint, token_endpoint or jwks_uri");
    return out;
}

OidcSignIn::Metadata OidcSignIn::metadata() {
    {
        const std::lock_guard lock(mutex_);
        if (metadata_ && clock_.steady() - metadata_->fetched < metadataKept) return *metadata_;
    }
    Metadata fresh = fetchMetadata();
    const std::lock_guard lock(mutex_);
    metadata_ = fresh;
    return fresh;
}

// --- there and back

OidcSignIn::Begun OidcSignIn::begin() {
    const Metadata provider = metadata();
    const Attempt attempt{randomBase64Url(32, false), randomBase64Url(32, false), randomBase64Url(32, false)};
    const Form query{{"response_type", "code"},
                     {"client_id", options_.clientId},
                     {"redirect_uri", options_.callbackUrl},
                     {"scope", "openid profile email"},
                     {"state", attempt.state},
                     {"nonce", attempt.nonce},
                     {"code_challenge", digestText(attempt.verifier)},
                     {"code_challenge_method", "S256"}};
    const char* joint = provider.authorization.find('?') == std::string::npos ? "?" : "&";
    const Json kept{{"state", attempt.state}, {"nonce", attempt.nonce}, {"verifier", attempt.verifier}};
    return {.url = provider.authorization + joint + formEncoded(query),
            .cookie = sealer_.seal(kept.dump(), bound, clock_.wall() + lasts)};
}

OidcSignIn::Attempt OidcSignIn::attemptIn(const std::string& cookie) const {
    const auto opened = sealer_.open(cookie, bound);
    const auto* text = std::get_if<std::string>(&opened);
    if (!text) refuse("expired", "the browser did not begin here, or more than ten minutes ago");
    const Json kept = Json::parse(*text);
    return {textOf(kept, "state"), textOf(kept, "nonce"), textOf(kept, "verifier")};
}

std::string OidcSignIn::codeIn(const std::string& query, const Attempt& attempt, const Metadata& provider) const {
    Query answer;
    try {
        answer = knownIn(query, {"code", "state", "iss", "error"});
    } catch (const std::exception& fault) {
        refuse("malformed", fault.what());
    }
    if (!isSame(answer["state"], attempt.state)) refuse("expired", "the answer belongs to another beginning");
    const bool isNamed = answer.count("iss") != 0;
    if ((provider.namesIssuer && !isNamed) || (isNamed && answer["iss"] != options_.issuer))
        refuse("provider_refused", "the answer is of another issuer");
    if (answer.count("error") != 0) refuse("denied", "the provider said " + answer["error"].substr(0, 100));
    if (answer["code"].empty()) refuse("malformed", "the answer has no code");
    return answer["code"];
}

Json OidcSignIn::redeem(const std::string& code, const Attempt& attempt, const Metadata& provider) const {
    Form form{{"grant_type", "authorization_code"},
              {"code", code},
              {"redirect_uri", options_.callbackUrl},
              {"code_verifier", attempt.verifier}};
    const bool isBasic = !options_.clientSecret.empty() && !provider.postsSecret;
    if (!isBasic) form.emplace_back("client_id", options_.clientId);
    if (!options_.clientSecret.empty() && !isBasic) form.emplace_back("client_secret", options_.clientSecret);
    FetchRequest request = formRequest(provider.token, form);
    request.publicOnly = requestTo(provider.token).publicOnly;
    if (isBasic)
        request.headers.emplace_back("Authorization", "Basic " + base64(formEscaped(options_.clientId) + ":" +
                                                                        formEscaped(options_.clientSecret)));
    Json answer = object(request, "the token endpoint");
    if (textOf(answer, "id_token").empty()) refuse("provider_refused", "the token endpoint gave no id_token");
    return answer;
}

// Many providers tell groups and addresses there alone. It counts for the subject of the ID token, and says nothing
// else than that (OpenID Connect Core section 5.3.2).
void OidcSignIn::addUserInfo(Json& claims, const Json& answer, const Metadata& provider) const {
    const auto isMissing = [&](const auto& wanted) { return !jose::findClaim(claims, wanted.first); };
    const bool isNeeded = std::any_of(options_.allow.begin(), options_.allow.end(), isMissing);
    const std::string token = textOf(answer, "access_token");
    if (!isNeeded || provider.userInfo.empty() || token.empty()) return;
    FetchRequest request = requestTo(provider.userInfo);
    request.headers = {{"Authorization", "Bearer " + token}, {"Accept", "application/json"}};
    const Json more = object(request, "the userinfo endpoint");
    if (textOf(more, "sub") != textOf(claims, "sub")) refuse("provider_refused", "the userinfo is of another subject");
    for (const auto& [name, value] : more.items())
        if (!claims.contains(name)) claims[name] = value;
}

// Of another origin than the issuer, only on the public internet.
FetchRequest OidcSignIn::requestTo(const std::string& url) const {
    const auto own = urlParts(options_.issuer), other = urlParts(url);
    FetchRequest request;
    request.url = url;
    request.publicOnly = !own || !other || lowered(std::string(own->scheme)) != lowered(std::string(other->scheme)) ||
                         lowered(std::string(own->authority)) != lowered(std::string(other->authority));
    return request;
}

// Its keys are fetched for each sign-in: there are few, and none is kept past its end.
Json OidcSignIn::claimsOf(const std::string& idToken, const Attempt& attempt, const Metadata& provider) const {
    const auto parsed = jose::parseJws(idToken);
    const auto* jws = std::get_if<jose::UnverifiedJws>(&parsed);
    if (!jws) refuse("provider_refused", "the id_token: " + std::get<jose::JwsRefusal>(parsed).words);
    const auto keys = jose::KeySet::fromFetched(fetch_(requestTo(provider.keys)));
    if (const auto* fault = std::get_if<jose::KeyFault>(&keys)) refuse("provider_down", "the keys: " + fault->words);
    const jose::AlgorithmSet signs{Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256,
                                   Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA};
    if (const auto no = jose::verifyJws(*jws, std::get<jose::KeySet>(keys), signs))
        refuse("provider_refused", "the id_token: " + no->words);
    const auto claims = jose::strictJsonObject(jws->payload);
    if (!claims) refuse("provider_refused", "the id_token holds no claims");
    mustBeOurs(*claims, attempt);
    return *claims;
}

// OpenID Connect Core section 3.1.3.7.
void OidcSignIn::mustBeOurs(const Json& claims, const Attempt& attempt) const {
    const auto must = [](bool holds, const char* words) {
        if (!holds) refuse("provider_refused", std::string("the id_token: ") + words);
    };
    must(textOf(claims, "iss") == options_.issuer, "iss is another issuer");
    const Json audience = claims.value("aud", Json());
    must(hasValue(audience, {options_.clientId}), "aud is another client");
    const std::string party = textOf(claims, "azp");
    must(party.empty() ? !audience.is_array() || audience.size() == 1 : party == options_.clientId,
         "azp is another client");
    const WallTime now = clock_.wall();
    const auto ends = jose::numericDate(claims.value("exp", Json()));
    must(ends && *ends + clocksDiffer > now, "it has expired");
    const auto made = jose::numericDate(claims.value("iat", Json()));
    must(made && *made <= now + clocksDiffer, "it was made in the future");
    must(isSame(textOf(claims, "nonce"), attempt.nonce), "nonce is that of another sign-in");
    must(!textOf(claims, "sub").empty(), "sub is missing");
}

// An address that the provider has not looked at says nothing about who somebody is.
void OidcSignIn::mustBeAllowed(const Json& claims) const {
    for (const auto& [name, values] : options_.allow) {
        const Json* claim = jose::findClaim(claims, name);
        if (!claim || !hasValue(*claim, values))
            refuse("not_allowed", "admin.sign_in.allow: " + name + " has no allowed value");
        if (name == "email" && claims.value("email_verified", Json(true)) != true)
            refuse("not_allowed", "admin.sign_in.allow: the provider has not verified the email");
    }
}

SignedIn OidcSignIn::finish(const std::string& query, const std::string& cookie) {
    const Attempt attempt = attemptIn(cookie);
    const Metadata provider = metadata();
    const std::string code = codeIn(query, attempt, provider);
    const Json answer = redeem(code, attempt, provider);
    Json claims = claimsOf(textOf(answer, "id_token"), attempt, provider);
    addUserInfo(claims, answer, provider);
    mustBeAllowed(claims);
    SignedIn out{.owner = options_.issuer + "#" + textOf(claims, "sub"), .name = ""};
    if (out.owner.size() > maxOwner) refuse("not_allowed", "issuer and subject are longer than 200 bytes");
    for (const char* name : {"name", "preferred_username", "email", "sub"})
        if (out.name.empty()) out.name = textOf(claims, name).substr(0, maxOwner);
    return out;
}

bool isOpenToAnybody(const std::string& issuer) {
    constexpr std::array<std::string_view, 10> open{
        "https://accounts.google.com",
        "https://login.microsoftonline.com/common",
        "https://login.microsoftonline.com/organizations",
        "https://login.microsoftonline.com/consumers",
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad",
        "https://appleid.apple.com",
        "https://gitlab.com",
        "https://www.facebook.com",
        "https://slack.com",
        "https://www.linkedin.com"};
    const std::string place = lowered(issuer);
    return std::any_of(open.begin(), open.end(), [&](std::string_view one) {
        return place.rfind(one, 0) == 0 && (place.size() == one.size() || place[one.size()] == '/');
    });
}

} // namespace gatehouse::admin
