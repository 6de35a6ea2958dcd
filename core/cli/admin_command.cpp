// gatehouse admin link
#include <iostream>

#include <unistd.h>

#include "admin/sign_in_link.hpp"
#include "base/log.hpp"
#include "base/shown_text.hpp"
#include "base/silent_telemetry.hpp"
#include "cli/command.hpp"
#include "server/server_settings.hpp"
#include "server/token_store_choice.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* adminHelp = R"(Usage: gatehouse admin link [--owner NAME]

Prints a link that signs one person in to the page, once, within 10 minutes. The server may be running, or be started
then; admin.enabled has to be true.

)";

std::vector<FlagSpec> adminFlags() {
    return {settingsFlag("config"),
            settingsFlag("token-file"),
            {"owner", "NAME", "whose tokens are seen (default: everybody's)"},
            helpFlag()};
}

} // namespace

std::string newSignInLink(const Console& console, const Config& config, const std::string& owner) {
    Log log(STDERR_FILENO, LogLevel::warning);
    SilentTelemetry telemetry;
    const auto store = tokenStoreOf(config, console.executableFolder, console.clock, log, telemetry);
    const WallTime now = std::chrono::floor<std::chrono::seconds>(console.clock.wall());
    return gatehouse::admin::signInLink(
        *store, {.baseUrl = baseUrlOf(config), .prefix = config.auth.tokenPrefix, .owner = owner}, now);
}

int admin(const Console& console, const std::vector<std::string>& words) {
    const Arguments arguments(words, adminFlags());
    if (arguments.has("help")) return console.out << adminHelp << flagHelp(adminFlags()), done;
    if (arguments.words() != std::vector<std::string>{"link"}) throw UsageError("admin: expected link");
    const Config config = readSettings(console, arguments);
    if (!config.admin.enabled)
        throw UsageError("admin.enabled is false in these settings: there is no page to sign in to");
    console.out << newSignInLink(console, config, arguments.value("owner").value_or("")) << "\n";
    return done;
}

} // namespace gatehouse::cli
