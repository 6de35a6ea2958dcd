// api_key: one key that everybody who may call knows.
//
// The key is `key`, else what the environment variable `env_var` holds (DCC_MCP_API_KEY). An empty text is no key. Its
// comparison takes as long wherever the texts differ.
#include <gatehouse/plugin.hpp>

#include <cstdlib>

#include <gatehouse/bearer_check.hpp>

namespace {

using namespace gatehouse;

class ApiKeyValidator final : public TokenValidator {
public:
    ApiKeyValidator(const Settings& settings, const Host& host)
        : header_(settings.text("header_name", "Authorization")) {
        settings.allowOnly({"key", "env_var", "header_name", "scheme", "subject", "scopes"});
        scheme_ = settings.text("scheme", scheme_);
        const std::string variable = settings.text("env_var", "DCC_MCP_API_KEY");
        key_ = settings.text("key", "").empty() ? fromEnvironment(variable) : settings.secret("key");
        if (key_.empty())
            throw SettingsError("no key: set `key`, or the environment variable " + variable +
                                ", for example to what `gatehouse generate-key` prints");
        identity_.issuer = "gatehouse";
        identity_.subject = identity_.isolationKey = settings.text("subject", "api-key");
        identity_.scopes = settings.texts("scopes");
        static_cast<void>(host);
    }

    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        traits.runsInline = true;
        traits.header = header_;
        traits.scheme = scheme_;
        return traits;
    }

    Verdict validate(const TokenRequest& request) override {
        if (!sameText(request.token, key_))
            return Rejected{Rejected::Reason::unknown, "", {CachePolicy::token, never}, {}};
        return Accepted{identity_, {CachePolicy::token, never}, {}};
    }

private:
    static std::string fromEnvironment(const std::string& name) {
        const char* value = std::getenv(name.c_str());
        return value ? value : "";
    }

    const std::string header_;
    std::string scheme_ = "Bearer"; // "none": the header holds the bare key
    std::string key_;
    Identity identity_;
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(ApiKeyValidator, "api_key", "1.0.0")
