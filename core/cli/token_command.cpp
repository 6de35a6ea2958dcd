// gatehouse token add | list | remove
#include <algorithm>
#include <iostream>

#include <unistd.h>

#include <gatehouse/ascii.hpp>

#include "base/joined.hpp"
#include "base/log.hpp"
#include "base/shown_text.hpp"
#include "base/silent_telemetry.hpp"
#include "base/time_text.hpp"
#include "cli/command.hpp"
#include "cli/token_add.hpp"
#include "server/server_settings.hpp"
#include "tokens/atomic_file.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse::cli {

namespace {

constexpr std::size_t shortestPrefix = 8;

constexpr const char* tokenHelp =
    R"(Usage: gatehouse token add    [--token-note N] [--token-expiry E] [--token-database D]
       gatehouse token list
       gatehouse token remove ID-OR-HASH-PREFIX

Add asks for what is not given. E is 12h, 30d, 2w, 1y or never. The token is shown once and cannot be retrieved later.
A running server takes the change within 100 ms.

)";

int list(const Console& console, const TokenStore& store) {
    std::vector<TokenEntry> entries;
    try {
        entries = store.list();
    } catch (const TokenStoreMissing&) { // none yet
    }
    if (entries.empty()) return console.out << "No tokens found.\n", done;
    console.out << "API Tokens:\n===========\n";
    for (const TokenEntry& entry : entries) {
        const TokenRecord& record = entry.record;
        console.out << "\nID: " << shownText(record.id) << "\nNote: " << shownText(record.note) << "\n";
        if (!record.database.empty()) console.out << "Database: " << shownText(record.database) << "\n";
        console.out << "Hash (first 12 chars): " << shortHash(hex(entry.digest)) << "\n"
                    << "Created: " << dateTime(record.createdAt) << "\n"
                    << "Expires: " << (record.expiresAt == never ? "Never" : dateTime(record.expiresAt)) << "\n"
                    << "Status: " << (isExpired(record, console.clock.wall()) ? "Expired" : "Valid") << "\n";
    }
    console.out << "\nTotal tokens: " << entries.size() << "\n";
    return done;
}

bool isNamed(const TokenEntry& entry, const std::string& what) {
    if (entry.record.id == what) return true;
    const std::string lower = lowered(what);
    return lower.size() >= shortestPrefix && hex(entry.digest).compare(0, lower.size(), lower) == 0;
}

int remove(const Console& console, const std::string& what, TokenStore& store) {
    std::vector<std::string> matches;
    for (const TokenEntry& entry : store.list())
        if (isNamed(entry, what)) matches.push_back(entry.record.id);
    if (matches.empty()) {
        console.err << "Token not found: " << shownText(what) << "\n";
        if (what.size() < shortestPrefix) console.err << "A hash prefix needs at least 8 characters.\n";
        console.err << "Looked in " << shownText(store.name()) << "; --token-file or --config names another.\n";
        return failed;
    }
    if (matches.size() > 1) {
        console.err << "More than one token begins like that, nothing was removed: " << shownText(joined(matches, ", "))
                    << "\n";
        return failed;
    }
    store.revoke({matches.front()}, "");
    console.out << "Token removed successfully: " << shownText(matches.front()) << "\n";
    return done;
}

// A command as it was asked for, in either form.
struct Wanted {
    enum class Action { add, list, remove };
    Action action = Action::add;
    std::string name;      // as typed: "token add", "-add-token"
    std::string what;      // to remove
    std::size_t words = 0; // that belong to it
};

std::vector<FlagSpec> tokenFlags() {
    auto flags = settingsFlags();
    flags.insert(flags.end(), {{"token-note", "TEXT", "what the token is for"},
                               {"token-expiry", "TIME", "when it ends: 12h, 30d, 2w, 1y or never"},
                               {"token-database", "NAME", "the database that it is bound to"},
                               {"remove-token", "ID-OR-HASH-PREFIX"}, // the forms without a subcommand
                               {"add-token"},
                               {"list-tokens"},
                               helpFlag()});
    return flags;
}

// The flags that these commands take, of all that are read.
std::string tokenFlagHelp() {
    const auto isTaken = [](const FlagSpec& flag) {
        return flag.name == "config" || flag.name == "help" || flag.name.rfind("token-", 0) == 0;
    };
    std::vector<FlagSpec> shown;
    for (const FlagSpec& flag : tokenFlags())
        if (isTaken(flag)) shown.push_back(flag);
    return flagHelp(shown);
}

std::vector<std::string> flagsFor(Wanted::Action action) {
    std::vector<std::string> flags{"config", "token-file"};
    if (action == Wanted::Action::add) flags.insert(flags.end(), {"token-note", "token-expiry", "token-database"});
    return flags;
}

// What would be ignored is refused: it was meant to do something.
void refuseRest(const Arguments& arguments, const Wanted& wanted) {
    if (arguments.words().size() > wanted.words)
        throw UsageError(wanted.name + " takes no further words, got \"" + arguments.words()[wanted.words] + "\"");
    const auto taken = flagsFor(wanted.action);
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
    try {
        if (wanted.action == Wanted::Action::add) return addToken(console, arguments, config, *store);
        if (wanted.action == Wanted::Action::list) return list(console, *store);
        return remove(console, wanted.what, *store);
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

} // namespace

int token(const Console& console, const std::vector<std::string>& words) {
    const Arguments arguments(words, tokenFlags());
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty())
        return console.out << tokenHelp << tokenFlagHelp(), arguments.has("help") ? done : wrongUse;
    if (rest[0] == "add") return perform(console, arguments, {Wanted::Action::add, "token add", "", 1});
    if (rest[0] == "list") return perform(console, arguments, {Wanted::Action::list, "token list", "", 1});
    if (rest[0] == "remove" && rest.size() > 1)
        return perform(console, arguments, {Wanted::Action::remove, "token remove", rest[1], 2});
    throw UsageError("token: expected add, list, or remove with an id or hash prefix");
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
    if (arguments.has("add-token")) return perform(console, arguments, {Wanted::Action::add, "-add-token", "", 0});
    if (arguments.has("list-tokens")) return perform(console, arguments, {Wanted::Action::list, "-list-tokens", "", 0});
    return perform(console, arguments,
                   {Wanted::Action::remove, "-remove-token", arguments.value("remove-token").value_or(""), 0});
}

} // namespace gatehouse::cli
