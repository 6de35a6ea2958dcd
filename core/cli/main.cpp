// The executable: picks the command, and turns what it throws into a message and an exit code.
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>

#include <malloc.h>

#include "base/shown_text.hpp"
#include "cli/command.hpp"
#include "config/config_loader.hpp"
#include "mcp/feature/feature_registry.hpp"
#include "mcp/server_info.hpp"
#include "plugin/library.hpp"

namespace gatehouse::cli {

namespace {

struct Command {
    std::string_view name;
    std::string_view summary;
    int (*run)(const Console&, const std::vector<std::string>&);
};

int version(const Console& console, const std::vector<std::string>&) {
    return console.out << "gatehouse " << mcp::serverVersion() << "\n", done;
}

// In the order of --help.
constexpr std::array<Command, 11> commands{
    {{"serve", "serve MCP over HTTP", serve},
     {"token", "make, list, rotate, suspend, remove or find API tokens", token},
     {"admin", "link: a one-time link to sign in to the page", admin},
     {"plugin", "list, inspect or check plugin libraries, or begin a new one", plugin},
     {"config", "check the settings, or print all that are in force", config},
     {"explain", "say what would be decided about a token, rule by rule", explain},
     {"policy", "test: hold the table of auth.policy.tests against the rules", policy},
     {"client-config", "print what an MCP client wants in its settings", clientConfig},
     {"generate-key", "print a new secret", generateKey},
     {"jose", "verify: verify a signature", jose},
     {"version", "print the version", version}}};

void printHelp(std::ostream& out) {
    constexpr std::size_t column = 17;
    out << "gatehouse: an MCP server that knows who is calling\n\nUsage: gatehouse COMMAND [flags]\n\n";
    for (const Command& command : commands)
        out << "  " << command.name << std::string(column - command.name.size(), ' ') << command.summary << "\n";
    out << "\n\"gatehouse COMMAND --help\" tells more. Exit codes: 0 done, 1 failed, 2 wrong use, 3 refused (unsafe or "
           "invalid settings,\nunusable plugin).\n";
}

// Large blocks go back to the system as soon as they are freed: what one caller's large answers took is not kept.
// A heap keeps what a burst of middling answers needs; with 1 MiB, each burst paid for its pages anew.
void boundKeptMemory() {
    ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
    ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
    ::mallopt(M_ARENA_MAX, 8);
}

int run(const Console& console, const std::vector<std::string>& words) {
    if (words.empty() || words[0] == "--help" || words[0] == "-help" || words[0] == "-h" || words[0] == "help")
        return printHelp(console.out), words.empty() ? wrongUse : done;
    const std::string_view name = words[0] == "--version" ? "version" : std::string_view(words[0]);
    const auto command =
        std::find_if(commands.begin(), commands.end(), [&](const Command& one) { return one.name == name; });
    if (command != commands.end()) return command->run(console, {words.begin() + 1, words.end()});
    if (words[0][0] == '-') return compatForm(console, words);
    throw UsageError("unknown command \"" + words[0] + "\"; see gatehouse --help");
}

int guarded(const Console& console, const std::vector<std::string>& words) {
    try {
        return run(console, words);
    } catch (const UsageError& fault) {
        console.err << "ERROR: " << shownLines(fault.what()) << "\n";
        return wrongUse;
    } catch (const ConfigError& fault) {
        console.err << shownLines(fault.what()) << "\n";
        return refused;
    } catch (const SettingsError& fault) {
        console.err << "ERROR: " << shownLines(fault.what()) << "\n";
        return refused;
    } catch (const PluginError& fault) {
        console.err << "ERROR: " << shownLines(fault.what()) << "\n";
        return refused;
    } catch (const mcp::FeatureError& fault) {
        console.err << "ERROR: the backend cannot be served: " << shownLines(fault.what()) << "\n";
        return refused;
    } catch (const std::exception& fault) {
        console.err << "ERROR: " << shownLines(fault.what()) << "\n";
    } catch (...) {
        console.err << "ERROR: something unknown failed\n";
    }
    return failed;
}

// What was said and did not arrive is not done.
int delivered(const Console& console, int code) {
    if (console.out.flush() || code != done) return code;
    console.err << "ERROR: standard output cannot be written\n";
    return failed;
}

} // namespace

} // namespace gatehouse::cli

int main(int argc, char** argv) {
    using namespace gatehouse::cli;
    boundKeptMemory();
    std::error_code error;
    const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
    const gatehouse::SystemClock clock;
    const Console console{.program = argc > 0 ? argv[0] : "gatehouse",
                          .executableFolder = executable.parent_path(),
                          .in = std::cin,
                          .out = std::cout,
                          .err = std::cerr,
                          .clock = clock};
    return delivered(console, guarded(console, {argv + (argc > 0 ? 1 : 0), argv + argc}));
}
