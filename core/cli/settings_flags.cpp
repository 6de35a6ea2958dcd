// The flags that choose and override settings.
#include <cstdlib>

#include <unistd.h>

#include "cli/command.hpp"
#include "config/config_loader.hpp"

namespace gatehouse::cli {

namespace {

std::vector<std::string> environmentNames() {
    std::vector<std::string> names;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text(*entry);
        names.emplace_back(text.substr(0, text.find('=')));
    }
    return names;
}

// Which setting a flag stands for; a flag without a value stands for the one given here.
struct SettingFlag {
    const char* flag;
    const char* key;
    const char* value;
};
constexpr SettingFlag settingFlagList[] = {
    {"http", "http.enabled", "true"},          {"addr", "http.address", nullptr},
    {"tls", "http.tls.enabled", "true"},       {"cert", "http.tls.cert_file", nullptr},
    {"key", "http.tls.key_file", nullptr},     {"chain", "http.tls.chain_file", nullptr},
    {"no-auth", "auth.enabled", "false"},      {"debug", "log.level", "debug"},
    {"token-file", "auth.token_file", nullptr}};

} // namespace

std::vector<FlagSpec> settingsFlags() {
    return {{"config", true}, {"http"},        {"addr", true}, {"tls"},   {"cert", true},
            {"key", true},    {"chain", true}, {"no-auth"},    {"debug"}, {"token-file", true}};
}

Config lookAtSettings(const Console& console, const Arguments& arguments) {
    ConfigSources sources;
    sources.file = arguments.value("config").value_or("");
    sources.places = {(console.executableFolder / "gatehouse.yaml").string(), "/etc/gatehouse/gatehouse.yaml"};
    sources.environment = [](const char* name) -> const char* { return std::getenv(name); };
    sources.environmentNames = environmentNames();
    for (const SettingFlag& known : settingFlagList)
        if (const auto given = arguments.value(known.flag)) {
            sources.flags[known.key] = known.value ? known.value : *given;
            sources.flagNames[known.key] = std::string("--") + known.flag;
        }
    return readConfig(sources);
}

Config readSettings(const Console& console, const Arguments& arguments) {
    Config config = lookAtSettings(console, arguments);
    if (!config.faults.empty()) throw ConfigError(config.faults);
    return config;
}

} // namespace gatehouse::cli
