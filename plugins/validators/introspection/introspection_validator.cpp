// introspection: opaque tokens, of which the authorization server says what they are (RFC 7662).
//
// The server is asked once for each token and then again when the answer is `cache_seconds` old, or the token's `exp`
// has come, whichever is first. `active` must be the JSON value true. An answer that does not come is "unavailable".
#include <gatehouse/jose/claims.hpp>
#include <gatehouse/jose/client_credentials.hpp>
#include <gatehouse/jose/strict_json.hpp>
#include <gatehouse/plugin.hpp>

namespace {

using namespace gatehouse;
using Reason = Rejected::Reason;

class IntrospectionValidator final : public TokenValidator {
public:
    IntrospectionValidator(const Settings& settings, const Host& host)
        : host_(host), endpoint_(settings.text("endpoint")), issuer_(settings.text("issuer", "")),
          credentials_(settings), onlyOpaque_(settings.flag("opaque_only", false)),
          requiredScopes_(settings.texts("required_scopes")), keep_(settings.integer("cache_seconds", 60, 0, 3600)),
          keepRejects_(settings.integer("reject_seconds", 10, 0, 600)),
          timeout_(settings.integer("timeout_seconds", 5, 1, 10)) {
        settings.allowOnly({"endpoint", "issuer", "client_id", "client_secret", "private_key_file", "key_id",
                            "audience", "require_expiry", "required_scopes", "opaque_only", "cache_seconds",
                            "reject_seconds", "timeout_seconds"});
        rules_.audiences =
            settings.has("audience") ? settings.texts("audience") : std::vector<std::string>{host.resourceUrl()};
        for (std::string& audience : rules_.audiences)
            if (audience == "{resource}") audience = host.resourceUrl();
        rules_.requiresExpiry = settings.flag("require_expiry", true);
        rules_.leeway = std::chrono::seconds(0);
        rules_.subjects = {"sub", "username", "client_id"};
        mapping_.subject = rules_.subjects;
        mapping_.client = {"client_id", "azp"};
    }

    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        if (!issuer_.empty()) traits.authorizationServers = {issuer_};
        return traits;
    }

    Verdict validate(const TokenRequest& request) override { return judge(request, nullptr); }

    std::vector<TokenCheck> explain(const TokenRequest& request) override {
        std::vector<TokenCheck> checks;
        static_cast<void>(judge(request, &checks));
        return checks;
    }

private:
    Verdict judge(const TokenRequest& request, std::vector<TokenCheck>* told) {
        const bool isJwt = std::count(request.token.begin(), request.token.end(), '.') == 2;
        if (onlyOpaque_ && isJwt) return Rejected{Reason::notMine, "a JWT", {CachePolicy::token, never}, {}};
        FetchRequest question = credentials_.request(
            endpoint_, {{"token", std::string(request.token)}, {"token_type_hint", "access_token"}}, host_.now());
        question.timeout = timeout_;
        const FetchResult fetched = host_.fetch(question);
        const auto* answer = std::get_if<FetchAnswer>(&fetched);
        if (!answer) return Unavailable{endpoint_ + ": " + std::get<FetchFault>(fetched).words};
        if (answer->status != 200)
            return Unavailable{endpoint_ + ": HTTP " + std::to_string(answer->status) + refusalOf(answer->status)};
        const auto claims = jose::strictJsonObject(answer->body);
        if (!claims) return Unavailable{endpoint_ + ": the answer is no JSON object"};
        return read(*claims, answer->body, told);
    }
    static const char* refusalOf(int status) { return status == 401 ? ": our own client credentials are refused" : ""; }

    Verdict read(const Json& claims, const std::string& text, std::vector<TokenCheck>* told) const {
        const auto active = claims.find("active");
        const bool isActive = active != claims.end() && *active == true;
        if (told)
            told->push_back(
                {"active", isActive,
                 isActive ? "the authorization server says so" : "the authorization server knows no such token"});
        if (!isActive) return refuse({Reason::unknown, "active is not true", {}, {}});
        if (auto wrong = jose::judgeClaims(Json::object(), claims, rules_, host_.now(), told))
            return refuse(std::move(*wrong));
        Accepted yes;
        yes.identity = jose::identityFrom(claims, mapping_, rules_.leeway);
        if (yes.identity.issuer.empty()) yes.identity = withIssuer(claims);
        yes.identity.claimsJson = text;
        yes.requiredScopes = requiredScopes_;
        yes.cache = {CachePolicy::token, std::min(yes.identity.expiresAt, host_.now() + keep_)};
        return yes;
    }
    Identity withIssuer(Json claims) const {
        claims["iss"] = issuer_.empty() ? endpoint_ : issuer_;
        return jose::identityFrom(claims, mapping_, rules_.leeway);
    }
    Rejected refuse(Rejected no) const {
        no.cache = {CachePolicy::token, host_.now() + keepRejects_};
        return no;
    }

    const Host& host_;
    const std::string endpoint_;
    const std::string issuer_;
    const jose::ClientCredentials credentials_;
    const bool onlyOpaque_;
    const std::vector<std::string> requiredScopes_;
    const std::chrono::seconds keep_, keepRejects_, timeout_;
    jose::ClaimRules rules_;
    jose::ClaimMapping mapping_;
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(IntrospectionValidator, "introspection", "1.0.0")
