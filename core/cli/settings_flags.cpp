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
    return {{"config", "FILE",
             "settings (default: gatehouse.yaml beside the executable, then /etc/gatehouse/gatehouse.yaml)"},
            {"addr", "HOST:PORT", "where to listen (default 127.0.0.1:8080)"},
            {"token-file", "FILE",
             "API tokens of the static_file validator (default: auth.token_file of the settings, then "
             "/etc/gatehouse/tokens.yaml if it exists, then gatehouse-tokens.yaml beside the executable)"},
            {"tls", "", "serve https, with --cert and --key"},
            {"cert", "FILE", "the server's certificate, in PEM"},
            {"key", "FILE", "its private key, in PEM"},
            {"chain", "FILE", "the certificates between it and the authority, in PEM"},
            {"no-auth", "",
             "no authentication; only where no other machine can reach the server: on a loopback address, without a "
             "public_url "
             "of another host and without trusted_proxies"},
            {"debug", "", "log more"},
            {"http", "", "accepted for older command lines; HTTP is what is served"}};
}

FlagSpec helpFlag() { return {"help", "", "this text"}; }

// The flag of that name, as settingsFlags() has it.
FlagSpec settingsFlag(const std::string& name) {
    for (const FlagSpec& flag : settingsFlags())
        if (flag.name == name) return flag;
    throw std::logic_error("no such flag: " + name);
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
