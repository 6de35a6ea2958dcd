#include "cli/token_add.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <functional>
#include <iostream>
#include <optional>

#include "base/joined.hpp"
#include "base/shown_text.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse::cli {

namespace {

constexpr std::size_t longestNote = 200;
constexpr int mostTries = 3; // at one question

// Says what is wrong with an answer; "" when nothing is.
using Check = std::function<std::string(const std::string& answer)>;

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t')) text.pop_back();
    text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
    return text;
}

// A wrong answer is told and asked for again; the last one that is wrong ends the dialog.
std::string ask(const Console& console, const std::string& question, const Check& complaint) {
    std::string wrong = "the input ended before every question was answered";
    for (int tries = 1; tries <= mostTries; ++tries) {
        console.out << question << std::flush;
        std::string line;
        if (!std::getline(console.in, line)) break;
        line = trimmed(line);
        const std::string told = complaint(line);
        if (told.empty()) return line;
        wrong = told;
        if (tries < mostTries) console.err << shownText(wrong) << std::endl;
    }
    throw UsageError(wrong);
}

std::string checked(const std::string& given, const Check& complaint) {
    const std::string wrong = complaint(given);
    if (!wrong.empty()) throw UsageError(wrong);
    return given;
}

std::string noteComplaint(const std::string& note) {
    if (note.size() > longestNote) return "the note is longer than 200 bytes";
    const bool control = std::any_of(note.begin(), note.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    return control ? "the note has a control character" : "";
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

// A name or a number of the list; blank is the first.
std::optional<std::string> chosen(const std::string& answer, const std::vector<std::string>& names) {
    if (answer.empty()) return names.front();
    if (std::find(names.begin(), names.end(), answer) != names.end()) return answer;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
    const bool isNumber = error == std::errc() && end == answer.data() + answer.size();
    if (isNumber && number >= 1 && number <= names.size()) return names[number - 1];
    return std::nullopt;
}

std::string noDatabase(const std::string& name, const std::vector<std::string>& names) {
    return "no database \"" + name + "\"; configured: " + joined(names, ", ");
}

std::string askDatabase(const Console& console, const std::vector<std::string>& names) {
    console.out << "Available databases:\n";
    for (std::size_t i = 0; i < names.size(); ++i)
        console.out << "  " << i + 1 << ". " << shownText(names[i]) << (i == 0 ? " (default)" : "") << "\n";
    const auto complaint = [&](const std::string& answer) {
        return chosen(answer, names) ? "" : noDatabase(answer, names);
    };
    return *chosen(ask(console, "Database (number or name, blank for the default): ", complaint), names);
}

std::string givenDatabase(const std::string& name, const std::vector<std::string>& names) {
    if (name.empty() || names.empty()) return name;
    if (std::find(names.begin(), names.end(), name) == names.end()) throw UsageError(noDatabase(name, names));
    return name;
}

WallTime nowOf(const Console& console) { return std::chrono::floor<std::chrono::seconds>(console.clock.wall()); }

// Prompts only for values that are not given as flags; silent when both note and expiry are.
TokenRecord wantedToken(const Console& console, const Arguments& arguments, const std::vector<std::string>& databases) {
    const auto note = arguments.value("token-note"), expiry = arguments.value("token-expiry");
    const Check expiryComplaint = [&](const std::string& text) {
        const auto time = expiryFrom(text, nowOf(console));
        const auto* why = std::get_if<std::string>(&time);
        return why ? *why : "";
    };
    if (expiry) checked(*expiry, expiryComplaint);
    TokenRecord record;
    record.note =
        note ? checked(*note, noteComplaint) : ask(console, "Note (e.g. \"Production API\"): ", noteComplaint);
    if (const auto name = arguments.value("token-database")) record.database = givenDatabase(*name, databases);
    else if ((!note || !expiry) && databases.size() > 1) record.database = askDatabase(console, databases);
    const std::string life =
        expiry ? *expiry : ask(console, "Expiry (e.g. 30d, 1y, 2w, 12h, never): ", expiryComplaint);
    record.id = newTokenId();
    record.createdAt = nowOf(console);
    record.expiresAt = std::get<WallTime>(expiryFrom(life, record.createdAt));
    return record;
}

// A reader that has gone is an error of the stream, not the end of the process.
class PipeErrors {
public:
    PipeErrors() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
    ~PipeErrors() { std::signal(SIGPIPE, before_); }
    PipeErrors(const PipeErrors&) = delete;
    PipeErrors& operator=(const PipeErrors&) = delete;

private:
    void (*before_)(int);
};

bool showCreated(const Console& console, const TokenEntry& entry, const std::string& text) {
    const PipeErrors told;
    const TokenRecord& record = entry.record;
    console.out << "Token created successfully:\n"
                << "Token: " << text << "\n"
                << "ID: " << record.id << "\n"
                << "Note: " << shownText(record.note) << "\n";
    if (!record.database.empty()) console.out << "Database: " << shownText(record.database) << "\n";
    console.out << "Expiry: " << expiryWords(record.expiresAt, record.createdAt) << "\n"
                << "Hash (first 12 chars): " << shortHash(hex(entry.digest)) << "\n"
                << "Store this token securely. It cannot be retrieved later.\n"
                << std::flush;
    return static_cast<bool>(console.out);
}

int takeBack(const Console& console, const TokenEntry& entry, TokenStore& store) {
    const std::string& id = entry.record.id;
    console.err << "ERROR: standard output cannot be written, so the token could not be shown";
    try {
        store.withdraw(id);
        console.err << ". Its entry " << id << " was taken back: there is no new token\n";
    } catch (const std::exception& fault) {
        console.err << ". Its entry " << id << " is still in " << shownText(store.name()) << ": "
                    << shownText(fault.what()) << "\n";
    }
    return failed;
}

} // namespace

int addToken(const Console& console, const Arguments& arguments, const Config& config, TokenStore& store) {
    const std::string text = newToken();
    TokenEntry entry;
    entry.record = wantedToken(console, arguments, databasesOf(config));
    entry.digest = sha256(text);
    store.add(entry);
    return showCreated(console, entry, text) ? done : takeBack(console, entry, store);
}

} // namespace gatehouse::cli
