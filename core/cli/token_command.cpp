// gatehouse token add | list | remove
#include <algorithm>
#include <charconv>
#include <iostream>

#include "base/time_text.hpp"
#include "cli/command.hpp"
#include "server.hpp"
#include "tokens/token_file.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse::cli {

namespace {

constexpr std::size_t shortestPrefix = 8;
constexpr std::size_t longestNote = 200;

constexpr const char* help = R"(Usage: gatehouse token add    [--token-note N] [--token-expiry E] [--token-database D]
       gatehouse token list
       gatehouse token remove ID-OR-HASH-PREFIX

Add asks for what is not given. E is 12h, 30d, 2w, 1y or never. The token is shown once and cannot be retrieved later.
A running server takes the change within 100 ms.

  --token-file FILE    where the tokens are (default: auth.token_file of the settings, then /etc/gatehouse/tokens.yaml
                       if it exists, then gatehouse-tokens.yaml beside the executable)
  --config FILE        settings
)";

struct Wanted {
    std::string note;
    std::string database;
    std::string expiry;
};

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t')) text.pop_back();
    text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
    return text;
}

std::string ask(const Console& console, const std::string& question) {
    console.out << question << std::flush;
    std::string line;
    if (!std::getline(console.in, line)) throw WrongUse("the input ended before every question was answered");
    return trimmed(line);
}

// The databases that a token can be bound to.
std::vector<std::string> databasesOf(const Config& config) {
    std::vector<std::string> names;
    if (!config.backend.settings.contains("databases")) return names;
    for (const Json& database : config.backend.settings["databases"])
        if (database.is_object() && database.contains("name") && database["name"].is_string())
            names.push_back(database["name"]);
    return names;
}

std::string listed(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return all;
}

// A name or a number of the list; blank is the first.
std::string chosen(const std::string& answer, const std::vector<std::string>& names) {
    if (answer.empty()) return names.front();
    if (std::find(names.begin(), names.end(), answer) != names.end()) return answer;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
    const bool isNumber = error == std::errc() && end == answer.data() + answer.size();
    if (isNumber && number >= 1 && number <= names.size()) return names[number - 1];
    throw WrongUse("no database \"" + answer + "\"; configured: " + listed(names));
}

std::string askDatabase(const Console& console, const std::vector<std::string>& names) {
    console.out << "Available databases:\n";
    for (std::size_t i = 0; i < names.size(); ++i)
        console.out << "  " << i + 1 << ". " << names[i] << (i == 0 ? " (default)" : "") << "\n";
    return chosen(ask(console, "Database (number or name, blank for the default): "), names);
}

std::string givenDatabase(const std::string& name, const std::vector<std::string>& names) {
    if (name.empty() || names.empty()) return name;
    if (std::find(names.begin(), names.end(), name) == names.end())
        throw WrongUse("no database \"" + name + "\"; configured: " + listed(names));
    return name;
}

// Given flags are not asked; with note and expiry given nothing is.
Wanted wantedToken(const Console& console, const Arguments& arguments, const std::vector<std::string>& databases) {
    const bool interactive = !arguments.has("token-note") || !arguments.has("token-expiry");
    Wanted wanted;
    wanted.note =
        arguments.has("token-note") ? *arguments.value("token-note") : ask(console, "Note (e.g. \"Production API\"): ");
    if (arguments.has("token-database")) wanted.database = givenDatabase(*arguments.value("token-database"), databases);
    else if (interactive && databases.size() > 1) wanted.database = askDatabase(console, databases);
    wanted.expiry = arguments.has("token-expiry") ? *arguments.value("token-expiry")
                                                  : ask(console, "Expiry (e.g. 30d, 1y, 2w, 12h, never): ");
    return wanted;
}

void checkNote(const std::string& note) {
    if (note.size() > longestNote) throw WrongUse("the note is longer than 200 bytes");
    const bool control = std::any_of(note.begin(), note.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (control) throw WrongUse("the note has a control character");
}

void printCreated(const Console& console, const TokenEntry& entry, const std::string& text, WallTime now) {
    console.out << "Token created successfully:\n"
                << "Token: " << text << "\n"
                << "ID: " << entry.record.id << "\n"
                << "Note: " << entry.record.note << "\n";
    if (!entry.record.database.empty()) console.out << "Database: " << entry.record.database << "\n";
    console.out << "Expiry: " << expiryWords(entry.record.expiresAt, now) << "\n"
                << "Hash (first 12 chars): " << shortHash(hex(entry.digest)) << "\n"
                << "Store this token securely. It cannot be retrieved later.\n";
}

int add(const Console& console, const Arguments& arguments, const Config& config, const TokenFile& file) {
    const Wanted wanted = wantedToken(console, arguments, databasesOf(config));
    checkNote(wanted.note);
    const WallTime now = std::chrono::floor<std::chrono::seconds>(console.clock.wall());
    const auto expiry = expiryFrom(wanted.expiry, now);
    if (const auto* why = std::get_if<std::string>(&expiry)) throw WrongUse(*why);
    const std::string text = newToken();
    TokenEntry entry;
    entry.record = {newTokenId(), wanted.note, wanted.database, now, std::get<WallTime>(expiry)};
    entry.digest = sha256(text);
    file.add(entry);
    printCreated(console, entry, text, now);
    return done;
}

int list(const Console& console, const TokenFile& file) {
    std::vector<TokenEntry> entries;
    try {
        entries = file.read();
    } catch (const TokenFileMissing&) { // none yet
    }
    if (entries.empty()) return console.out << "No tokens found.\n", done;
    console.out << "API Tokens:\n===========\n";
    for (const TokenEntry& entry : entries) {
        const TokenRecord& record = entry.record;
        console.out << "\nID: " << record.id << "\nNote: " << record.note << "\n";
        if (!record.database.empty()) console.out << "Database: " << record.database << "\n";
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
    std::string lower = what;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower.size() >= shortestPrefix && hex(entry.digest).compare(0, lower.size(), lower) == 0;
}

int remove(const Console& console, const std::string& what, const TokenFile& file) {
    std::vector<std::string> matches;
    for (const TokenEntry& entry : file.read())
        if (isNamed(entry, what)) matches.push_back(entry.record.id);
    if (matches.empty()) {
        console.err << "Token not found: " << what << "\n";
        if (what.size() < shortestPrefix) console.err << "A hash prefix needs at least 8 characters.\n";
        return failed;
    }
    if (matches.size() > 1) {
        console.err << "More than one token begins like that, nothing was removed: " << listed(matches) << "\n";
        return failed;
    }
    file.removeIf([&](const TokenEntry& entry) { return entry.record.id == matches.front(); });
    console.out << "Token removed successfully: " << matches.front() << "\n";
    return done;
}

std::vector<FlagSpec> tokenFlags() {
    auto flags = settingsFlags();
    for (const char* name : {"token-note", "token-expiry", "token-database", "remove-token"})
        flags.push_back({name, true});
    for (const char* name : {"add-token", "list-tokens", "help"}) flags.push_back({name});
    return flags;
}

enum class Action { add, list, remove };

int perform(const Console& console, const Arguments& arguments, Action action, const std::string& what) {
    const Config config = readSettings(console, arguments);
    const TokenFile file(tokenFileOf(config, console.executableFolder));
    try {
        if (action == Action::add) return add(console, arguments, config, file);
        if (action == Action::list) return list(console, file);
        return remove(console, what, file);
    } catch (const TokenFileError& fault) {
        console.err << "ERROR: " << fault.what() << "\n";
        return failed;
    } catch (const std::system_error& fault) {
        console.err << "ERROR: " << fault.what() << "\n";
        return failed;
    }
}

} // namespace

int token(const Console& console, const std::vector<std::string>& words) {
    const Arguments arguments(words, tokenFlags());
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty()) return console.out << help, arguments.has("help") ? done : wrongUse;
    const bool named = rest.size() == 2 && rest[0] == "remove";
    if (named) return perform(console, arguments, Action::remove, rest[1]);
    if (rest.size() == 1 && rest[0] == "add") return perform(console, arguments, Action::add, "");
    if (rest.size() == 1 && rest[0] == "list") return perform(console, arguments, Action::list, "");
    throw WrongUse("token: wanted add, list, or remove with an id or hash prefix");
}

int documentForm(const Console& console, const std::vector<std::string>& words) {
    const auto asks = [&](const std::string& flag) {
        return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
            return word == "-" + flag || word == "--" + flag || word.rfind("-" + flag + "=", 0) == 0 ||
                   word.rfind("--" + flag + "=", 0) == 0;
        });
    };
    if (!asks("add-token") && !asks("list-tokens") && !asks("remove-token")) return serve(console, words);
    const Arguments arguments(words, tokenFlags());
    if (arguments.has("add-token")) return perform(console, arguments, Action::add, "");
    if (arguments.has("list-tokens")) return perform(console, arguments, Action::list, "");
    return perform(console, arguments, Action::remove, *arguments.value("remove-token"));
}

} // namespace gatehouse::cli
