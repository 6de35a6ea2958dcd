// gatehouse token ..., and the forms of the pgEdge document without a subcommand.
#include <algorithm>
#include <array>
#include <iostream>

#include <unistd.h>

#include "base/joined.hpp"
#include "base/log.hpp"
#include "base/shown_text.hpp"
#include "base/silent_telemetry.hpp"
#include "cli/token_job.hpp"
#include "server/token_store_choice.hpp"
#include "tokens/atomic_file.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* tokenHelp =
    R"(Usage: gatehouse token add     [--token-note N] [--token-expiry E] [--token-database D] [--scopes S,S] [--rate-limit N]
                               [--network CIDR]... [--tool PATTERN]... [--owner O] [--manage]
       gatehouse token list    [--owner O] [--expiring TIME] [--json]
       gatehouse token show    ID-OR-HASH-PREFIX [--json]
       gatehouse token rotate  ID-OR-HASH-PREFIX [--overlap TIME] [--replace]
       gatehouse token suspend ID-OR-HASH-PREFIX
       gatehouse token resume  ID-OR-HASH-PREFIX
       gatehouse token remove  ID-OR-HASH-PREFIX [--reason TEXT]
       gatehouse token derive  ID-OR-HASH-PREFIX [--token-note N] [--token-expiry E] [--scopes S,S] [--tool PATTERN]...
       gatehouse token scan    PATH... [--revoke]
       gatehouse token import  FILE

Add asks for what is not given. E is 12h, 30d, 2w, 1y or never; TIME is 90m, 24h, 7d or 2w. A token is shown once and
cannot be retrieved later. A running server takes each change within 100 ms. "list --expiring" and "scan" exit with 1 when
they found any.

)";

struct TokenCommand {
    std::string_view name;
    bool takesWord;      // the token, or a path, that it is about
    bool takesMoreWords; // further paths
    int (*run)(const TokenJob&);
    std::array<const char*, 11> flags; // beside --config and --token-file
};

constexpr std::array<TokenCommand, 10> commands{{
    {"add",
     false,
     false,
     addToken,
     {"token-note", "token-expiry", "token-database", "scopes", "rate-limit", "burst", "max-calls", "network", "tool",
      "owner", "manage"}},
    {"list", false, false, listTokens, {"owner", "expiring", "json"}},
    {"show", true, false, showToken, {"json"}},
    {"rotate", true, false, rotateToken, {"overlap", "replace"}},
    {"suspend", true, false, suspendToken, {}},
    {"resume", true, false, resumeToken, {}},
    {"remove", true, false, removeToken, {"reason"}},
    {"derive",
     true,
     false,
     deriveToken,
     {"token-note", "token-expiry", "scopes", "rate-limit", "burst", "max-calls", "network", "tool"}},
    {"scan", true, true, scanForTokens, {"revoke"}},
    {"import", true, false, importTokens, {}},
}};

std::vector<FlagSpec> tokenFlags() {
    auto flags = settingsFlags();
    flags.insert(flags.end(), {{"token-note", "TEXT", "what the token is for"},
                               {"token-expiry", "TIME", "when it ends: 12h, 30d, 2w, 1y or never"},
                               {"token-database", "NAME", "the database that it is bound to"},
                               {"scopes", "SCOPE,...", "what it may do; without any it is a token that brings none"},
                               {"rate-limit", "N", "calls in any hour"},
                               {"burst", "N", "calls in any 10 seconds"},
                               {"max-calls", "N", "calls in its life"},
                               {"network", "CIDR", "an address or range that it may be used from; repeatable"},
                               {"tool", "PATTERN", "a tool that it may call, * for any text; repeatable"},
                               {"owner", "NAME", "whose token it is"},
                               {"manage", "", "it manages tokens by REST and page, and cannot call MCP"},
                               {"overlap", "TIME", "how long the old text stays valid beside the new one, up to 30d"},
                               {"replace", "", "the text before the old one may end now"},
                               {"expiring", "TIME", "only those that end within that time"},
                               {"reason", "TEXT", "why, for the log and for its owner"},
                               {"revoke", "", "remove the live ones that were found"},
                               {"json", "", "as JSON"},
                               {"remove-token", "ID-OR-HASH-PREFIX"}, // the forms without a subcommand
                               {"add-token"},
                               {"list-tokens"},
                               helpFlag()});
    return flags;
}

std::vector<std::string> flagsFor(const TokenCommand& command) {
    std::vector<std::string> flags{"config", "token-file"};
    for (const char* flag : command.flags)
        if (flag) flags.emplace_back(flag);
    return flags;
}

// The flags that these commands take, of all that are read.
std::string tokenFlagHelp() {
    std::vector<FlagSpec> shown;
    for (const FlagSpec& flag : tokenFlags()) {
        const auto takes = [&](const TokenCommand& command) {
            const auto flags = flagsFor(command);
            return std::find(flags.begin(), flags.end(), flag.name) != flags.end();
        };
        if (flag.name == "help" || std::any_of(commands.begin(), commands.end(), takes)) shown.push_back(flag);
    }
    return flagHelp(shown);
}

// A command as it was asked for, in either form.
struct Wanted {
    const TokenCommand& command;
    std::string name;               // as typed: "token add", "-add-token"
    std::vector<std::string> words; // that it is about
    bool isDocumentForm = false;
};

// What would be ignored is refused: it was meant to do something.
void refuseRest(const Arguments& arguments, const Wanted& wanted) {
    const std::size_t most = wanted.command.takesWord ? 1 : 0;
    if (wanted.words.size() > most && !wanted.command.takesMoreWords)
        throw UsageError(wanted.name + " takes no further words, got \"" + wanted.words[most] + "\"");
    const auto taken = flagsFor(wanted.command);
    for (const std::string& flag : arguments.flags())
        if (std::find(taken.begin(), taken.end(), flag) == taken.end() && wanted.name != "-" + flag)
            throw UsageError("--" + flag + " does not apply to " + wanted.name + ", which takes --" +
                             joined(taken, ", --"));
}

int perform(const Console& console, const Arguments& arguments, const Wanted& wanted) {
    refuseRest(arguments, wanted);
    const Config config = readSettings(console, arguments);
    Log log(STDERR_FILENO, LogLevel::warning);
    SilentTelemetry telemetry;
    const auto store = tokenStoreOf(config, console.executableFolder, console.clock, log, telemetry);
    TokenJob job{.console = console,
                 .arguments = arguments,
                 .config = config,
                 .store = *store,
                 .isDocumentForm = wanted.isDocumentForm};
    if (!wanted.words.empty()) job.what = wanted.words.front();
    if (!wanted.words.empty()) job.more.assign(wanted.words.begin() + 1, wanted.words.end());
    try {
        return wanted.command.run(job);
    } catch (const TokenStoreMissing& fault) {
        console.err << "ERROR: " << shownText(fault.what()) << "; --token-file or --config names another\n";
    } catch (const TokenStoreError& fault) {
        console.err << "ERROR: " << shownText(fault.what()) << "\n";
    } catch (const LockError& fault) {
        console.err << "ERROR: " << shownText(fault.what()) << "\n";
    } catch (const std::system_error& fault) {
        console.err << "ERROR: " << shownText(fault.what()) << "\n";
    }
    return failed;
}

const TokenCommand& commandNamed(std::string_view name) {
    const auto found =
        std::find_if(commands.begin(), commands.end(), [&](const TokenCommand& one) { return one.name == name; });
    if (found != commands.end()) return *found;
    std::vector<std::string> names;
    for (const TokenCommand& command : commands) names.emplace_back(command.name);
    throw UsageError("token: expected one of " + joined(names, ", ") + ", got \"" + std::string(name) + "\"");
}

} // namespace

int token(const Console& console, const std::vector<std::string>& words) {
    const Arguments arguments(words, tokenFlags());
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty())
        return console.out << tokenHelp << tokenFlagHelp(), arguments.has("help") ? done : wrongUse;
    const TokenCommand& command = commandNamed(rest[0]);
    if (command.takesWord && rest.size() < 2)
        throw UsageError("token " + rest[0] +
                         (command.name == "scan" || command.name == "import" ? ": expected a path"
                                                                             : ": expected an id or a hash prefix"));
    return perform(console, arguments,
                   {.command = command, .name = "token " + rest[0], .words = {rest.begin() + 1, rest.end()}});
}

int compatForm(const Console& console, const std::vector<std::string>& words) {
    const auto asks = [&](const std::string& flag) {
        return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
            return word == "-" + flag || word == "--" + flag || word.rfind("-" + flag + "=", 0) == 0 ||
                   word.rfind("--" + flag + "=", 0) == 0;
        });
    };
    if (!asks("add-token") && !asks("list-tokens") && !asks("remove-token")) return serve(console, words);
    const Arguments arguments(words, tokenFlags());
    if (arguments.has("help")) return console.out << tokenHelp << tokenFlagHelp(), done;
    const auto wanted = [&](const char* name, const char* typed) {
        return Wanted{.command = commandNamed(name), .name = typed, .words = arguments.words(), .isDocumentForm = true};
    };
    if (arguments.has("add-token")) return perform(console, arguments, wanted("add", "-add-token"));
    if (arguments.has("list-tokens")) return perform(console, arguments, wanted("list", "-list-tokens"));
    Wanted remove = wanted("remove", "-remove-token");
    remove.words.insert(remove.words.begin(), arguments.value("remove-token").value_or(""));
    return perform(console, arguments, remove);
}

} // namespace gatehouse::cli
