#include "api_key_validator.hpp"

#include <cstdlib>

#include <gatehouse/bearer_check.hpp>
#include <gatehouse/plugin.hpp>

namespace api_key {

using namespace gatehouse;

namespace {

constexpr std::size_t leastKey = 32; // characters
constexpr std::string_view blanks = " \t\r\n";

void refuseWeak(const std::string& key, const std::string& where, bool allowsShort) {
    const bool isBlank = key.find_first_not_of(blanks) == std::string::npos;
    if (isBlank || (key.size() < leastKey && !allowsShort))
        throw SettingsError(where + ": has " + std::to_string(key.size()) + " characters, expected " +
                            std::to_string(leastKey) +
                            " or more, for example what `gatehouse generate-key` prints; "
                            "`allow_short_key: true` takes a shorter one");
    if (blanks.find(key.front()) != std::string_view::npos || blanks.find(key.back()) != std::string_view::npos)
        throw SettingsError(where + ": begins or ends with a blank, which no header can carry; remove it");
}

std::string keyFromEnvironment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    std::string key = withoutLineEnd(value ? value : "");
    if (key.find_first_not_of(blanks) == std::string::npos)
        throw SettingsError("no key: `key` is missing and the environment variable " + name +
                            " is not set, or empty. Set one of them, for example to what `gatehouse generate-key` "
                            "prints, or start with --no-auth");
    return key;
}

std::string keyFrom(const Settings& settings) {
    const std::string variable = settings.string("env_var", "");
    std::string key = settings.has("key") ? settings.secret("key") : keyFromEnvironment(variable);
    refuseWeak(key, settings.has("key") ? "key" : variable, settings.flag("allow_short_key"));
    return key;
}

} // namespace

ApiKeyValidator::ApiKeyValidator(const Settings& settings, const Host& /*host*/)
    : header_(settings.string("header_name")), scheme_(settings.string("scheme")), key_(keyFrom(settings)) {
    identity_.issuer = "gatehouse";
    identity_.subject = identity_.isolationKey = settings.string("subject");
    identity_.scopes = settings.strings("scopes");
}

ValidatorTraits ApiKeyValidator::traits() const {
    ValidatorTraits traits;
    traits.runsInline = true;
    traits.header = header_;
    traits.scheme = scheme_;
    return traits;
}

Verdict ApiKeyValidator::validate(const TokenRequest& request) {
    if (!sameText(request.token, key_)) return Rejected{Rejected::Reason::unknown, "", CachePolicy::forToken(), {}};
    return Accepted{identity_, CachePolicy::forToken(), {}};
}

} // namespace api_key

GATEHOUSE_SETTINGS(R"({"properties": {
"key": {"type": ["string", "integer"], "writeOnly": true,
  "description": "32 characters or more, or file:/path of it; default: what env_var holds. Without a key: no start"},
"env_var": {"type": "string", "default": "DCC_MCP_API_KEY", "description": "the environment variable with the key"},
"allow_short_key": {"type": "boolean", "default": false, "description": "true: a key that can be guessed is taken"},
"header_name": {"type": "string", "default": "Authorization", "description": "where callers put the key"},
"scheme": {"type": "string", "default": "Bearer", "description": "before the key; none: the header holds the bare key"},
"subject": {"type": "string", "default": "api-key", "description": "who a caller with the key is"},
"scopes": {"type": ["string", "array"], "items": {"type": "string"}, "description": "what it may do"}}})")
GATEHOUSE_TOKEN_VALIDATOR(api_key::ApiKeyValidator, "api_key", "1.0.0")
