#include "config/config_keys.hpp"

#include <algorithm>

#include <gatehouse/ascii.hpp>

#include "config/config_key_makers.hpp"
#include "config/token_config_keys.hpp"

namespace gatehouse {

namespace {

ConfigKey logLevel() {
    return {.name = "log.level",
            .wanted = "debug, info, warning or error",
            .set =
                [](Config& config, const Json& value) {
                    const auto level = value.is_string() ? logLevelFrom(value.get<std::string>()) : std::nullopt;
                    if (level) config.logLevel = *level;
                    return level.has_value();
                },
            .get = [](const Config& config) { return Json(logLevelName(config.logLevel)); },
            .isString = true};
}

ConfigKey validators() {
    return {.name = "auth.validators",
            .wanted = "a map from validator to its settings",
            .set =
                [](Config& config, const Json& value) {
                    if (!value.is_object()) return false;
                    for (const auto& item : value.items()) config.auth.validators[item.key()] = item.value();
                    return true;
                },
            .get = [](const Config& config) { return Json(config.auth.validators); },
            .open = true};
}

ConfigKey secrets() {
    constexpr std::size_t least = 32; // bytes, as Sealer wants
    return {.name = "secrets.keys",
            .wanted = "a list of secrets of at least 32 bytes, or file:/path of one",
            .set =
                [](Config& config, const Json& value) {
                    const Json list = value.is_string() ? Json::array({value}) : value;
                    if (!list.is_array()) return false;
                    for (const Json& item : list) {
                        const auto secret = item.is_string() ? secretFrom(item.get<std::string>()) : std::nullopt;
                        if (!secret || secret->size() < least) return false;
                        config.secretKeys.push_back(*secret);
                    }
                    return true;
                },
            .get = [](const Config& config) { return Json(config.secretKeys); },
            .isSecret = true};
}

ConfigKey pins() {
    return {.name = "plugins.pins",
            .wanted = "a map from file name to SHA-256 (64 lower-case hex digits)",
            .set =
                [](Config& config, const Json& value) {
                    if (!value.is_object()) return false;
                    for (const auto& item : value.items()) {
                        if (!item.value().is_string()) return false;
                        const auto digest = item.value().get<std::string>();
                        if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos)
                            return false;
                        config.plugins.pins[item.key()] = item.value().get<std::string>();
                    }
                    return true;
                },
            .get = [](const Config& config) { return Json(config.plugins.pins); },
            .open = true};
}

ConfigKey validatorNames() {
    return {"auth.validator", "the name of a validator, or a list of names that are asked in order",
            [](Config& config, const Json& value) {
                const Json list = value.is_string() ? Json::array({value}) : value;
                if (!list.is_array() || list.empty()) return false;
                for (const Json& item : list)
                    if (!item.is_string() || item.get_ref<const std::string&>().empty()) return false;
                config.auth.validator = list.get<std::vector<std::string>>();
                return true;
            },
            [](const Config& config) {
                const auto& names = config.auth.validator;
                return names.size() == 1 ? Json(names.front()) : Json(names);
            }};
}

void addLimits(std::vector<ConfigKey>& keys) {
    const auto bytes = [&](const char* name, auto member) {
        keys.push_back(whole(
            std::string("http.limits.") + name, 1,
            1LL << 40, [member](Config & c) -> auto& { return c.http.limits.*member; }));
    };
    const auto time = [&](const char* name, auto member) {
        keys.push_back(seconds(
            std::string("http.limits.") + name, [member](Config & c) -> auto& { return c.http.limits.*member; }));
    };
    bytes("head_bytes", &LimitSettings::headBytes);
    bytes("body_bytes", &LimitSettings::bodyBytes);
    bytes("output_bytes", &LimitSettings::outputBytes);
    bytes("connections", &LimitSettings::connections);
    bytes("handshakes", &LimitSettings::handshakes);
    bytes("handshakes_per_address", &LimitSettings::handshakesPerAddress);
    bytes("workers", &LimitSettings::workers);
    bytes("replaced_workers", &LimitSettings::replacedWorkers);
    bytes("body_budget_bytes", &LimitSettings::bodyBudgetBytes);
    bytes("body_budget_bytes_per_identity", &LimitSettings::bodyBudgetBytesPerIdentity);
    bytes("unread_bytes", &LimitSettings::unreadBytes);
    bytes("unread_bytes_per_identity", &LimitSettings::unreadBytesPerIdentity);
    bytes("calls_per_identity", &LimitSettings::callsPerIdentity);
    bytes("open_calls", &LimitSettings::openCalls);
    bytes("open_calls_per_identity", &LimitSettings::openCallsPerIdentity);
    bytes("sessions", &LimitSettings::sessions);
    bytes("sessions_per_identity", &LimitSettings::sessionsPerIdentity);
    bytes("streams", &LimitSettings::streams);
    bytes("streams_per_identity", &LimitSettings::streamsPerIdentity);
    bytes("kept_event_bytes", &LimitSettings::keptEventBytes);
    bytes("kept_event_bytes_per_identity", &LimitSettings::keptEventBytesPerIdentity);
    bytes("subscription_bytes", &LimitSettings::subscriptionBytes);
    bytes("subscription_bytes_per_identity", &LimitSettings::subscriptionBytesPerIdentity);
    bytes("task_result_bytes", &LimitSettings::taskResultBytes);
    bytes("task_result_bytes_per_identity", &LimitSettings::taskResultBytesPerIdentity);
    time("handshake_seconds", &LimitSettings::handshakeSeconds);
    time("head_seconds", &LimitSettings::headSeconds);
    time("body_seconds", &LimitSettings::bodySeconds);
    time("unauthenticated_body_seconds", &LimitSettings::unauthenticatedBodySeconds);
    time("idle_seconds", &LimitSettings::idleSeconds);
    time("write_seconds", &LimitSettings::writeSeconds);
    time("drain_seconds", &LimitSettings::drainSeconds);
    time("call_seconds", &LimitSettings::callSeconds);
    time("session_idle_seconds", &LimitSettings::sessionIdleSeconds);
    time("ask_seconds", &LimitSettings::askSeconds);
    time("task_seconds", &LimitSettings::taskSeconds);
    bytes("page_items", &LimitSettings::pageItems);
}

// Appended to what is there.
void addAuthLimits(std::vector<ConfigKey>& keys) {
    const std::vector<ConfigKey> own{
        whole(
            "auth.limits.failures_per_minute", 1, 1'000'000,
            [](Config & c) -> auto& { return c.auth.failuresPerMinute; }),
        whole(
            "auth.limits.cached_verdicts", 1, 10'000'000, [](Config & c) -> auto& { return c.auth.cachedVerdicts; }),
        whole(
            "auth.limits.validations", 1, 100'000, [](Config & c) -> auto& { return c.auth.validations; }),
        whole(
            "auth.limits.validations_per_address", 1, 100'000,
            [](Config & c) -> auto& { return c.auth.validationsPerAddress; }),
        seconds(
            "auth.limits.validation_seconds", [](Config & c) -> auto& { return c.auth.validationSeconds; }),
        flag(
            "auth.limits.legacy_headers", [](Config & c) -> auto& { return c.auth.legacyLimitHeaders; })};
    keys.insert(keys.end(), own.begin(), own.end());
}

std::vector<ConfigKey> makeKeys() {
    std::vector<ConfigKey> keys{flag(
                                    "http.enabled", [](Config & c) -> auto& { return c.http.enabled; }),
                                string(
                                    "http.address", [](Config & c) -> auto& { return c.http.address; }),
                                string(
                                    "http.public_url", [](Config & c) -> auto& { return c.http.publicUrl; }),
                                strings(
                                    "http.allowed_hosts", [](Config & c) -> auto& { return c.http.allowedHosts; }),
                                strings(
                                    "http.allowed_origins", [](Config & c) -> auto& { return c.http.allowedOrigins; }),
                                flag(
                                    "http.legacy_sse", [](Config & c) -> auto& { return c.http.legacySse; }),
                                flag(
                                    "http.sessions", [](Config & c) -> auto& { return c.http.sessions; }),
                                strings(
                                    "http.trusted_proxies", [](Config & c) -> auto& { return c.http.trustedProxies; }),
                                flag(
                                    "http.tls.enabled", [](Config & c) -> auto& { return c.http.tls.enabled; }),
                                string(
                                    "http.tls.cert_file", [](Config & c) -> auto& { return c.http.tls.certFile; }),
                                string(
                                    "http.tls.key_file", [](Config & c) -> auto& { return c.http.tls.keyFile; }),
                                string(
                                    "http.tls.chain_file", [](Config & c) -> auto& { return c.http.tls.chainFile; }),
                                flag(
                                    "auth.enabled", [](Config & c) -> auto& { return c.auth.enabled; }),
                                validatorNames(),
                                validators(),
                                map(
                                    "auth.policy", [](Config & c) -> auto& { return c.auth.policy; }),
                                map(
                                    "auth.resource", [](Config & c) -> auto& { return c.auth.resource; }),
                                map(
                                    "auth.fallback", [](Config & c) -> auto& { return c.auth.fallback; }),
                                string(
                                    "auth.token_file", [](Config & c) -> auto& { return c.auth.tokenFile; }),
                                string(
                                    "backend.plugin", [](Config & c) -> auto& { return c.backend.plugin; }),
                                map(
                                    "backend.settings", [](Config & c) -> auto& { return c.backend.settings; }),
                                string(
                                    "fetch.ca_file", [](Config & c) -> auto& { return c.fetchCaFile; }),
                                secrets(),
                                flag(
                                    "secrets.core_dumps", [](Config & c) -> auto& { return c.coreDumps; }),
                                string(
                                    "plugins.dir", [](Config & c) -> auto& { return c.plugins.dir; }),
                                pins(),
                                string(
                                    "metrics.address", [](Config & c) -> auto& { return c.metricsAddress; }),
                                string(
                                    "audit.file", [](Config & c) -> auto& { return c.auditFile; }),
                                logLevel()};
    addLimits(keys);
    addAuthLimits(keys);
    addTokenKeys(keys);
    return keys;
}

} // namespace

const std::vector<ConfigKey>& configKeys() {
    static const std::vector<ConfigKey> keys = makeKeys(); // constant after its first use
    return keys;
}

const ConfigKey* findConfigKey(const std::string& name) {
    const auto& keys = configKeys();
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& key) { return key.name == name; });
    return found == keys.end() ? nullptr : &*found;
}

std::string environmentName(const std::string& key) {
    std::string name = "GATEHOUSE_";
    for (const char c : key) name += c == '.' ? '_' : raised(c);
    return name;
}

} // namespace gatehouse
