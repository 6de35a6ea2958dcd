// introspection: opaque tokens, of which the authorization server says what they are (RFC 7662).
//
// The server is asked once for each token and then again when the answer is `cache_seconds` old, or the token's `exp`
// has come, whichever is first. An answer that does not come is "unavailable".
#include <algorithm>

#include <gatehouse/jose/client_credentials.hpp>
#include <gatehouse/plugin.hpp>

#include "introspection_answer.hpp"

namespace {

using namespace gatehouse;
using Reason = Rejected::Reason;

class IntrospectionValidator final : public TokenValidator {
public:
    IntrospectionValidator(const Settings& settings, const Host& host)
        : host_(host), issuer_(settings.has("issuer") ? settings.text("issuer") : ""), credentials_(settings),
          onlyOpaque_(settings.flag("opaque_only", false)), requiredScopes_(settings.texts("required_scopes")),
          keep_(settings.integer("cache_seconds", 60, 0, 3600)),
          keepRejects_(settings.integer("reject_seconds", 10, 0, 600)),
          timeout_(settings.integer("timeout_seconds", 5, 1, 10)) {
        settings.allowOnly({"endpoint", "issuer", "client_id", "client_secret", "private_key_file", "key_id",
                            "audience", "require_expiry", "required_scopes", "opaque_only", "cache_seconds",
                            "reject_seconds", "timeout_seconds"});
        rules_.endpoint = settings.text("endpoint");
        rules_.issuer = issuer_.empty() ? rules_.endpoint : issuer_;
        rules_.claims.audiences =
            settings.has("audience") ? settings.someTexts("audience") : std::vector<std::string>{host.resourceUrl()};
        for (std::string& audience : rules_.claims.audiences)
            if (audience == "{resource}") audience = host.resourceUrl();
        rules_.claims.requiresExpiry = settings.flag("require_expiry", true);
        rules_.claims.leeway = std::chrono::seconds(0);
        rules_.claims.subjects = rules_.mapping.subject = {"sub", "username", "client_id"};
        rules_.mapping.client = {"client_id", "azp"};
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
    Verdict judge(const TokenRequest& request, std::vector<TokenCheck>* told) const {
        const bool isJwt = std::count(request.token.begin(), request.token.end(), '.') == 2;
        if (onlyOpaque_ && isJwt) return Rejected{Reason::notMine, "a JWT", {CachePolicy::token, never}, {}};
        FetchRequest question = credentials_.request(
            rules_.endpoint, {{"token", std::string(request.token)}, {"token_type_hint", "access_token"}}, host_.now());
        question.timeout = timeout_;
        Verdict verdict = introspection::judgeAnswer(host_.fetch(question), rules_, host_.now(), told);
        if (auto* yes = std::get_if<Accepted>(&verdict)) {
            yes->requiredScopes = requiredScopes_;
            yes->cache = {CachePolicy::token, std::min(yes->identity.expiresAt, host_.now() + keep_)};
        }
        if (auto* no = std::get_if<Rejected>(&verdict)) no->cache = {CachePolicy::token, host_.now() + keepRejects_};
        return verdict;
    }

    const Host& host_;
    const std::string issuer_; // empty: not said
    const jose::ClientCredentials credentials_;
    const bool onlyOpaque_;
    const std::vector<std::string> requiredScopes_;
    const std::chrono::seconds keep_, keepRejects_, timeout_;
    introspection::AnswerRules rules_;
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(IntrospectionValidator, "introspection", "1.0.0")
