// gatehouse config check
#include <ostream>

#include <unistd.h>

#include "cli/command.hpp"
#include "server/server_parts.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* configHelp = R"(Usage: gatehouse config check [flags of serve]

Reads the settings and prepares a server as serve would (libraries, validators, backend, policy, files), and tells
everything that is wrong with them at once, each with its file, line and key. It opens no port, asks nobody over the
network, and changes no file. Exit code 3 when serve would refuse to start.
)";

} // namespace

int config(const Console& console, const std::vector<std::string>& words) {
    const Arguments arguments(words, serveFlags());
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty())
        return console.out << configHelp, arguments.has("help") ? done : wrongUse;
    if (rest.size() != 1 || rest[0] != "check") throw WrongUse("config: wanted check");
    const Config read = settingsToServe(console, arguments);
    Log log(STDERR_FILENO, LogLevel::warning);
    const CheckedSettings checked = checkSettings(read, serveOptions(console, arguments), console.clock, log);
    log.flush();
    for (const std::string& warning : checked.warnings) console.err << "WARNING: " << warning << "\n";
    if (!checked.faults.empty()) return console.err << checked.faults.printed() << "\n", refused;
    console.out << (read.file.empty() ? "no settings file; the defaults" : read.file) << ": ok\n";
    return done;
}

} // namespace gatehouse::cli
