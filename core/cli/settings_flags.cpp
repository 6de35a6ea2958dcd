// The flags that choose and override settings.
#include <cstdlib>

#include "cli/command.hpp"
#include "config/config_loader.hpp"

namespace gatehouse::cli {

std::vector<FlagSpec> settingsFlags() {
    return {{"config", true}, {"http"},        {"addr", true}, {"tls"},   {"cert", true},
            {"key", true},    {"chain", true}, {"no-auth"},    {"debug"}, {"token-file", true}};
}

Config readSettings(const Console& console, const Arguments& arguments) {
    ConfigSources sources;
    sources.file = arguments.value("config").value_or("");
    sources.places = {(console.executableFolder / "gatehouse.yaml").string(), "/etc/gatehouse/gatehouse.yaml"};
    sources.environment = [](const char* name) -> const char* { return std::getenv(name); };
    Config config = loadConfig(sources);
    if (arguments.has("http")) config.http.enabled = true;
    if (const auto address = arguments.value("addr")) config.http.address = *address;
    if (arguments.has("tls")) config.http.tls.enabled = true;
    if (const auto file = arguments.value("cert")) config.http.tls.certFile = *file;
    if (const auto file = arguments.value("key")) config.http.tls.keyFile = *file;
    if (const auto file = arguments.value("chain")) config.http.tls.chainFile = *file;
    if (arguments.has("no-auth")) config.auth.enabled = false;
    if (arguments.has("debug")) config.logLevel = LogLevel::debug;
    if (const auto file = arguments.value("token-file")) config.auth.tokenFile = *file;
    return config;
}

} // namespace gatehouse::cli
