#include "config/token_config_keys.hpp"

#include <algorithm>

#include "config/config_key_makers.hpp"

namespace gatehouse {

namespace {

ConfigKey grace() {
    return {.name = "auth.store_grace_seconds",
            .wanted = "seconds from 0 to 3600",
            .set =
                [](Config& config, const Json& value) {
                    if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > 3600) return false;
                    config.auth.storeGraceSeconds = value.get<double>();
                    return true;
                },
            .get = [](const Config& config) { return Json(config.auth.storeGraceSeconds); }};
}

bool isListOfStrings(const Json& value) {
    return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& one) { return one.is_string(); });
}

ConfigKey clientSecret() {
    return {.name = "admin.sign_in.client_secret",
            .wanted = "a string, or file:/path of one",
            .set =
                [](Config& config, const Json& value) {
                    const auto secret = value.is_string() ? secretFrom(value.get<std::string>()) : std::nullopt;
                    if (secret) config.admin.signIn.clientSecret = *secret;
                    return secret.has_value();
                },
            .get = [](const Config& config) { return Json(config.admin.signIn.clientSecret); },
            .isString = true,
            .isSecret = true};
}

// Nothing when it is not one.
std::optional<WebhookSettings> webhookFrom(const Json& value) {
    WebhookSettings out;
    if (!value.is_object()) return std::nullopt;
    for (const auto& [name, member] : value.items()) {
        if (name == "url" && member.is_string()) out.url = member.get<std::string>();
        else if (name == "secret" && member.is_string())
            out.secret = secretFrom(member.get<std::string>()).value_or("");
        else if (name == "allow_private" && member.is_boolean()) out.allowsPrivate = member.get<bool>();
        else if (name == "events" && isListOfStrings(member)) out.events = member.get<std::vector<std::string>>();
        else return std::nullopt;
    }
    const bool isWhole = !out.url.empty() && out.secret.size() >= 16;
    return isWhole ? std::optional(std::move(out)) : std::nullopt;
}

ConfigKey webhooks() {
    return {.name = "admin.webhooks",
            .wanted = "a list of {url, secret, events, allow_private}; the secret has 16 bytes or more",
            .set =
                [](Config& config, const Json& value) {
                    if (!value.is_array()) return false;
                    std::vector<WebhookSettings> all;
                    for (const Json& item : value) {
                        auto hook = webhookFrom(item);
                        if (!hook) return false;
                        all.push_back(std::move(*hook));
                    }
                    config.admin.webhooks = std::move(all);
                    return true;
                },
            .get =
                [](const Config& config) {
                    Json out = Json::array();
                    for (const WebhookSettings& hook : config.admin.webhooks)
                        out.push_back({{"url", hook.url},
                                       {"secret", hook.secret},
                                       {"events", hook.events},
                                       {"allow_private", hook.allowsPrivate}});
                    return out;
                }};
}

} // namespace

void addTokenKeys(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> own{
        string(
            "auth.tokens.store", [](Config & c) -> auto& { return c.auth.tokenStore; }),
        string(
            "auth.tokens.prefix", [](Config & c) -> auto& { return c.auth.tokenPrefix; }),
        string(
            "auth.tokens.kind", [](Config & c) -> auto& { return c.auth.tokenKind; }),
        grace(),
        flag(
            "admin.enabled", [](Config & c) -> auto& { return c.admin.enabled; }),
        string(
            "admin.sign_in.issuer", [](Config & c) -> auto& { return c.admin.signIn.issuer; }),
        string(
            "admin.sign_in.client_id", [](Config & c) -> auto& { return c.admin.signIn.clientId; }),
        clientSecret(),
        map(
            "admin.sign_in.allow", [](Config & c) -> auto& { return c.admin.signIn.allow; }),
        webhooks()};
    keys.insert(keys.end(), own.begin(), own.end());
}

} // namespace gatehouse
