// api_key: one key that everybody who may call knows.
//
// The key is `key`, else what the environment variable `env_var` holds (DCC_MCP_API_KEY). Without one there is no
// validator. A key has 32 characters or more, since it can be guessed at the speed of the server, unless
// `allow_short_key` says otherwise. Its comparison takes as long wherever the texts differ.
#include <gatehouse/plugin.hpp>

#include <cctype>
#include <cstdlib>

#include <gatehouse/bearer_check.hpp>

namespace {

using namespace gatehouse;

class ApiKeyValidator final : public TokenValidator {
public:
    ApiKeyValidator(const Settings& settings, const Host& host)
        : header_(settings.text("header_name", "Authorization")) {
        settings.allowOnly({"key", "env_var", "allow_short_key", "header_name", "scheme", "subject", "scopes"});
        scheme_ = settings.text("scheme", scheme_);
        const std::string variable = settings.text("env_var", "DCC_MCP_API_KEY");
        key_ = settings.has("key") ? settings.secret("key") : fromEnvironment(variable);
        refuseWeak(settings.has("key") ? "key" : variable, settings.flag("allow_short_key", false));
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
    static constexpr std::size_t leastKey = 32; // characters

    static std::string fromEnvironment(const std::string& name) {
        const char* value = std::getenv(name.c_str());
        std::string key = value ? value : "";
        while (!key.empty() && std::isspace(static_cast<unsigned char>(key.back())) != 0) key.pop_back();
        if (key.empty())
            throw SettingsError("no key: `key` is missing and the environment variable " + name +
                                " is not set, or empty. Set one of them, for example to what `gatehouse generate-key` "
                                "prints, or start with --no-auth");
        return key;
    }
    void refuseWeak(const std::string& where, bool allowsShort) const {
        const bool isBlank = key_.find_first_not_of(" \t\r\n") == std::string::npos;
        if (isBlank || (key_.size() < leastKey && !allowsShort))
            throw SettingsError(where + ": has " + std::to_string(key_.size()) + " characters, wanted " +
                                std::to_string(leastKey) +
                                " or more, for example what `gatehouse generate-key` prints; "
                                "`allow_short_key: true` takes a shorter one");
    }

    const std::string header_;
    std::string scheme_ = "Bearer"; // "none": the header holds the bare key
    std::string key_;
    Identity identity_;
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(ApiKeyValidator, "api_key", "1.0.0")
