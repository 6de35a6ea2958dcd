// gatehouse serve
#include <cstdlib>
#include <memory>
#include <optional>
#include <ostream>

#include <unistd.h>

#include "base/shown_text.hpp"
#include "cli/command.hpp"
#include "cli/core_dumps.hpp"
#include "cli/last_words.hpp"
#include "cli/signals.hpp"
#include "cli/start_limit.hpp"
#include "cli/stop_watchdog.hpp"
#include "config/config_loader.hpp"
#include "http/http_server.hpp"
#include "plugin/plugin_call.hpp"
#include "server/server.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* serveHelp = R"(Usage: gatehouse serve [flags]

Serves MCP over HTTP until SIGTERM or Ctrl-C, or over standard input and output until its end.

)";

// Why it does not serve, behind what was logged: the log has a thread of its own, which writes at any time.
int notServed(const Console& console, Log& log, const std::string& why, int code) {
    log.flush();
    console.err << why << std::endl;
    return code;
}

[[noreturn]] void endNow(Log& log, int code) {
    log.flush();
    std::_Exit(code);
}

// The plugin that keeps the server from starting or stopping, if one is being made or taken down.
std::string heldUpBy() {
    const PluginCall::Where where = PluginCall::ofLifecycle();
    return where.plugin ? std::string("plugin ") + where.plugin + " does not return from " + where.function
                        : "a plugin does not let go";
}

// Throws what keeps the server from starting.
std::unique_ptr<Server> started(const Console& console, const Config& config, const ServerOptions& options, Log& log) {
    const StartLimit limit([&] {
        log.error("not started: " + heldUpBy());
        endNow(log, refused);
    });
    return std::make_unique<Server>(config, options, console.clock, log);
}

// SIGHUP: the token file is looked at again; settings are read, and take effect at the next start, which
// judges them whole.
void lookAgain(const Console& console, const Arguments& arguments, Server& server, Log& log) {
    server.reloadTokens();
    try {
        const Config read = readSettings(console, arguments);
        log.info((read.file.empty() ? "settings" : read.file) +
                 ": can be read; changes take effect at the next start. Before it, run " + console.program +
                 " config check");
    } catch (const ConfigError& fault) {
        log.error(std::string("invalid settings, the old ones stay in force: ") + fault.what());
    }
}

// On a terminal alone: what is written there is kept by nobody.
void showSignInLink(const Console& console, Config config, const Server& server) {
    if (!config.admin.enabled || ::isatty(STDOUT_FILENO) == 0) return;
    config.http.boundPort = server.port();
    console.out << "Page: " << newSignInLink(console, config, "") << "\n      (signs you in once, within 10 minutes)"
                << std::endl;
}

int run(const Console& console, const Arguments& arguments, const Config& config, const ServerOptions& options) {
    Log log(STDERR_FILENO, config.logLevel);
    reportFatalSignals();
    if (!config.coreDumps && !forbidCoreDumps()) log.warning("a crash may write a core, with tokens in it");
    const NoExit noExit;
    try {
        auto held = started(console, config, options, log);
        Server& server = *held;
        showSignInLink(console, config, server);
        std::optional<SignalWatcher> signals;
        signals.emplace(server.loop(), SignalActions{[&] { server.stop(); },
                                                     [&] {
                                                         log.warning("stopped at once");
                                                         endNow(log, done);
                                                     },
                                                     [&] { lookAgain(console, arguments, server, log); }});
        StopWatchdog watchdog(signals->descriptor(), [&] {
            log.warning("stopped at once: " + heldUpBy());
            endNow(log, done);
        });
        if (!watchdog.watches())
            log.warning("no thread for the watchdog: a plugin that never returns can hold up the stop");
        server.run();
        watchdog.leaving();
        if (server.callsLeft()) {
            log.warning("stopped with calls that did not end in time");
            endNow(log, done);
        }
        signals.reset();
        held.reset(); // while it is watched
        return done;
    } catch (const UnusableConfigError& fault) {
        return notServed(console, log, shownLines(fault.what()), refused);
    } catch (const http::ListenError& fault) {
        return notServed(console, log, "ERROR: " + shownLines(fault.what()), failed);
    }
}

} // namespace

std::vector<FlagSpec> serveFlags() {
    auto flags = settingsFlags();
    flags.push_back({"allow-remote-without-auth", "",
                     "with --no-auth: on any address; everybody who reaches it may call every tool"});
    flags.push_back({"stdio", "",
                     "serve the client that started this process over standard input and output instead; no token is "
                     "asked for"});
    flags.push_back(helpFlag());
    return flags;
}

ServerOptions serveOptions(const Console& console, const Arguments& arguments) {
    ServerOptions options;
    options.executableFolder = console.executableFolder;
    options.program = console.program;
    options.stdio = arguments.has("stdio");
    options.allowRemoteWithoutAuth = arguments.has("allow-remote-without-auth");
    return options;
}

Config settingsToServe(const Console& console, const Arguments& arguments) {
    Config config = lookAtSettings(console, arguments);
    if (arguments.has("stdio")) config.auth.enabled = false; // the caller is the process that started this one
    return config;
}

int serve(const Console& console, const std::vector<std::string>& words) {
    const Arguments arguments(words, serveFlags());
    if (arguments.has("help")) return console.out << serveHelp << flagHelp(serveFlags()), done;
    if (!arguments.words().empty()) throw UsageError("serve takes no further words, got " + arguments.words().front());
    const Config config = settingsToServe(console, arguments);
    blockSignals();
    return run(console, arguments, config, serveOptions(console, arguments));
}

} // namespace gatehouse::cli
