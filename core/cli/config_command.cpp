// gatehouse config check | print
#include <ostream>

#include <unistd.h>

#include "cli/command.hpp"
#include "cli/config_print.hpp"
#include "server/prepared_parts.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* configHelp = R"(Usage: gatehouse config check [flags of serve]
       gatehouse config print [flags of serve]

check reads the settings and prepares a server as serve would (libraries, validators, backend, policy, files), and tells
everything that is wrong with them at once, each with its file, line and key. It opens no port, asks nobody over the
network, and changes no file. Exit code 3 when serve would refuse to start.

print shows every setting with the value that is in force and where it comes from: a flag, a variable, a file and its
line, or the default. Secrets are hidden.

)";

int print(const Console& console, const Config& read) {
    if (!read.faults.empty()) return console.err << read.faults.printed() << "\n", refused;
    printConfig(console.out, read);
    return done;
}

int check(const Console& console, const Config& read, const ServerOptions& options) {
    Log log(STDERR_FILENO, LogLevel::warning);
    const CheckedSettings checked = checkSettings(read, options, console.clock, log);
    log.flush();
    for (const std::string& warning : checked.warnings) console.err << "WARNING: " << warning << "\n";
    if (!checked.faults.empty()) return console.err << checked.faults.printed() << "\n", refused;
    console.out << (read.file.empty() ? "no settings file; the defaults" : read.file) << ": ok\n";
    return done;
}

} // namespace

int config(const Console& console, const std::vector<std::string>& words) {
    const Arguments arguments(words, serveFlags());
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty())
        return console.out << configHelp << flagHelp(serveFlags()), arguments.has("help") ? done : wrongUse;
    if (rest.size() != 1 || (rest[0] != "check" && rest[0] != "print"))
        throw UsageError("config: expected check or print");
    const Config read = settingsToServe(console, arguments);
    return rest[0] == "print" ? print(console, read) : check(console, read, serveOptions(console, arguments));
}

} // namespace gatehouse::cli
