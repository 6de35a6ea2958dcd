// gatehouse token add | derive

#include <algorithm>
#include <charconv>
#include <csignal>
#include <functional>
#include <iostream>
#include <optional>

#include "base/joined.hpp"
#include "base/shown_text.hpp"
#include "base/time_text.hpp"
#include "cli/token_job.hpp"
#include "server/text_mint_choice.hpp"
#include "tokens/token_family.hpp"
#include "tokens/token_request.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse::cli {

namespace {

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
    try {
        shownTextFrom("the note", note);
        return {};
    } catch (const TokenRequestError& fault) {
        return fault.what();
    }
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

// The flags that stand for members of a request; a list is separated by commas.
struct RequestFlag {
    const char* flag;
    const char* member;
    enum class Form { text, number, list } form;
};
constexpr RequestFlag requestFlags[] = {{"scopes", "scopes", RequestFlag::Form::list},
                                        {"rate-limit", "rate_limit", RequestFlag::Form::number},
                                        {"burst", "burst", RequestFlag::Form::number},
                                        {"max-calls", "max_calls", RequestFlag::Form::number},
                                        {"owner", "owner", RequestFlag::Form::text}};

std::vector<std::string> splitAtCommas(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        if (const std::string word = trimmed(text.substr(at, end - at)); !word.empty()) out.push_back(word);
        at = end + 1;
    }
    return out;
}

Json valueOf(const RequestFlag& flag, const std::string& text) {
    if (flag.form == RequestFlag::Form::list) return splitAtCommas(text);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isNumber = error == std::errc() && end == text.data() + text.size();
    return flag.form == RequestFlag::Form::number && isNumber ? Json(number) : Json(text);
}

// What the flags ask for, beside what is asked for at the prompts.
Json requestOf(const Arguments& arguments) {
    Json request = Json::object();
    for (const RequestFlag& flag : requestFlags)
        if (const auto given = arguments.value(flag.flag)) request[flag.member] = valueOf(flag, *given);
    if (const auto networks = arguments.values("network"); !networks.empty()) request["networks"]["allow"] = networks;
    if (const auto tools = arguments.values("tool"); !tools.empty()) request["tools"]["allow"] = tools;
    return request;
}

void applyFlags(const TokenJob& job, TokenEntry& entry) {
    try {
        applyRequest(requestOf(job.arguments),
                     {"scopes", "rate_limit", "burst", "max_calls", "owner", "networks", "tools"}, job.now(), entry);
    } catch (const TokenRequestError& fault) {
        throw UsageError(fault.what());
    }
    if (!job.arguments.has("manage")) return;
    entry.purpose = TokenPurpose::manage;
    if (!entry.terms.scopes.empty())
        throw UsageError("--manage: the credential manages tokens and cannot call MCP, so --scopes has no use");
}

int addAndShow(const TokenJob& job, TokenEntry& entry) {
    const std::string text = job.newText(entry);
    entry.digest = sha256(text);
    job.store.add(entry);
    return showText(job.console, "Token created successfully:", entry, text) ? done
                                                                             : takeBack(job.console, entry, job.store);
}

} // namespace

std::string TokenJob::newText(const TokenEntry& entry) const {
    return isDocumentForm ? newToken() : tokenMintOf(config)(entry);
}

bool showText(const Console& console, const std::string& headline, const TokenEntry& entry, const std::string& text) {
    const PipeErrors told;
    const TokenRecord& record = entry.record;
    const WallTime from = entry.rotatedAt.value_or(record.createdAt);
    console.out << headline << "\nToken: " << text << "\nID: " << record.id << "\n"
                << "Note: " << shownText(record.note) << "\n";
    if (!record.database.empty()) console.out << "Database: " << shownText(record.database) << "\n";
    console.out << "Expiry: " << expiryWords(record.expiresAt, from) << "\n"
                << "Hash (first 12 chars): " << shortHash(hex(entry.digest)) << "\n";
    if (entry.previous)
        console.out << "The text before it is valid until " << dateTime(entry.previous->validUntil) << " UTC\n";
    console.out << "Store this token securely. It cannot be retrieved later.\n" << std::flush;
    return static_cast<bool>(console.out);
}

int addToken(const TokenJob& job) {
    TokenEntry entry;
    applyFlags(job, entry);
    entry.record = wantedToken(job.console, job.arguments, databasesOf(job.config));
    return addAndShow(job, entry);
}

// What is not asked for is as with the parent, and never more than it.
int deriveToken(const TokenJob& job) {
    const std::string id = namedToken(job, "derived");
    if (id.empty()) return failed;
    const auto parent = job.store.get(id);
    if (!parent) return failed;
    TokenEntry child = childOf(*parent, newTokenId(), job.now());
    applyFlags(job, child);
    if (const auto note = job.arguments.value("token-note")) child.record.note = checked(*note, noteComplaint);
    if (const auto life = job.arguments.value("token-expiry")) {
        const auto end = expiryFrom(*life, job.now());
        if (const auto* why = std::get_if<std::string>(&end)) throw UsageError(*why);
        child.record.expiresAt = std::get<WallTime>(end);
    }
    if (const std::string wider = widerThan(child, *parent); !wider.empty()) throw UsageError(wider);
    return addAndShow(job, child);
}

} // namespace gatehouse::cli
