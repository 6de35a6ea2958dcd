// The executable: picks the command, and turns what it throws into a message and an exit code.
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

constexpr const char* help = R"(gatehouse: an MCP server that knows who is calling

Usage: gatehouse COMMAND [flags]

  serve            serve MCP over HTTP
  token            add, list or remove API tokens
  plugin           list or inspect plugin libraries without running them, or begin a new one
  config           check the settings, or print all that are in force
  explain          say what would be decided about a token, rule by rule
  policy test      hold the table of auth.policy.tests against the rules
  client-config    print what an MCP client wants in its settings
  generate-key     print a new secret
  jose verify      verify a signature
  version          print the version

"gatehouse COMMAND --help" tells more. Exit codes: 0 done, 1 failed, 2 wrong use, 3 refused (unsafe or invalid settings,
unusable plugin).
)";

// Large blocks go back to the system as soon as they are freed: what one caller's large answers took is not kept.
void boundKeptMemory() {
    ::mallopt(M_MMAP_THRESHOLD, 256 << 10);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
    ::mallopt(M_ARENA_MAX, 8);
}

int run(const Console& console, const std::vector<std::string>& words) {
    if (words.empty() || words[0] == "--help" || words[0] == "-help" || words[0] == "-h" || words[0] == "help")
        return console.out << help, words.empty() ? wrongUse : done;
    const std::string& command = words[0];
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (command == "serve") return serve(console, rest);
    if (command == "token") return token(console, rest);
    if (command == "plugin") return plugin(console, rest);
    if (command == "config") return config(console, rest);
    if (command == "explain") return explain(console, rest);
    if (command == "policy") return policy(console, rest);
    if (command == "generate-key") return generateKey(console, rest);
    if (command == "jose") return jose(console, rest);
    if (command == "client-config") return clientConfig(console, rest);
    if (command == "version" || command == "--version")
        return console.out << "gatehouse " << mcp::serverVersion() << "\n", done;
    if (command[0] == '-') return compatForm(console, words);
    throw UsageError("unknown command \"" + command + "\"; see gatehouse --help");
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
    const Console console{
        argc > 0 ? argv[0] : "gatehouse", executable.parent_path(), std::cin, std::cout, std::cerr, clock};
    return delivered(console, guarded(console, {argv + (argc > 0 ? 1 : 0), argv + argc}));
}
