// gatehouse token list | show
#include <algorithm>
#include <iostream>

#include "base/joined.hpp"
#include "base/shown_text.hpp"
#include "base/time_text.hpp"
#include "cli/token_job.hpp"
#include "tokens/token_request.hpp"
#include "tokens/token_text.hpp"
#include "tokens/token_view.hpp"

namespace gatehouse::cli {

namespace {

std::vector<TokenEntry> allOf(const TokenStore& store) {
    try {
        return store.list();
    } catch (const TokenStoreMissing&) { // none yet
        return {};
    }
}

const char* statusWord(TokenStatus status) {
    switch (status) {
        case TokenStatus::active: return "Valid";
        case TokenStatus::suspended: return "Suspended";
        case TokenStatus::idle: return "Suspended (unused)";
        case TokenStatus::notYetValid: return "Not yet valid";
        case TokenStatus::expired: return "Expired";
    }
    return "Expired";
}

std::string rulesWords(const NameRules& rules) {
    std::string out = joined(rules.allow, ", ");
    if (!rules.deny.empty()) out.append(out.empty() ? "not " : "; not ").append(joined(rules.deny, ", "));
    return out;
}

// What is set of the rest.
void printTerms(std::ostream& out, const TokenEntry& entry) {
    const auto line = [&](const char* name, const std::string& value) {
        if (!value.empty()) out << name << ": " << shownText(value) << "\n";
    };
    const auto number = [&](const char* name, std::int64_t value, const char* unit) {
        if (value > 0) out << name << ": " << value << unit << "\n";
    };
    line("Owner", entry.owner);
    line("Parent", entry.parent);
    line("Scopes", joined(entry.terms.scopes, ", "));
    number("Rate limit", entry.terms.callsPerHour, " calls an hour");
    number("Burst", entry.terms.burst, " calls in 10 seconds");
    line("Tools", rulesWords(entry.terms.tools));
    line("Networks", rulesWords(entry.terms.networks));
    if (entry.purpose == TokenPurpose::manage) out << "Manages: tokens; it cannot call MCP\n";
    if (entry.purpose == TokenPurpose::signIn) out << "Signs in: once, to the page\n";
    if (entry.generation > 1) out << "Generation: " << entry.generation << "\n";
    if (entry.previous) out << "Previous text until: " << dateTime(entry.previous->validUntil) << "\n";
}

void printToken(std::ostream& out, const TokenEntry& entry, WallTime now) {
    const TokenRecord& record = entry.record;
    out << "\nID: " << shownText(record.id) << "\nNote: " << shownText(record.note) << "\n";
    if (!record.database.empty()) out << "Database: " << shownText(record.database) << "\n";
    out << "Hash (first 12 chars): " << shortHash(hex(entry.digest)) << "\n"
        << "Created: " << dateTime(record.createdAt) << "\n"
        << "Expires: " << (record.expiresAt == never ? "Never" : dateTime(record.expiresAt)) << "\n"
        << "Status: " << statusWord(statusOf(entry, now)) << "\n";
    printTerms(out, entry);
}

std::string jsonText(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

// Only those that end within the time that --expiring names, and have not ended.
bool keepExpiring(const TokenJob& job, std::vector<TokenEntry>& entries) {
    const auto given = job.arguments.value("expiring");
    if (!given) return false;
    const auto within = durationFrom(*given);
    if (!within) throw UsageError("--expiring: expected a time such as 7d, got \"" + *given + "\"");
    const WallTime now = job.now();
    std::erase_if(entries, [&](const TokenEntry& entry) {
        return isExpired(entry.record, now) || entry.record.expiresAt > now + *within;
    });
    return true;
}

void printAll(const TokenJob& job, const std::vector<TokenEntry>& entries) {
    std::ostream& out = job.console.out;
    if (job.arguments.has("json")) {
        Json data = Json::array();
        for (const TokenEntry& entry : entries) data.push_back(viewOf(entry, job.now()));
        out << jsonText({{"data", data}, {"total", entries.size()}});
    } else if (entries.empty()) {
        out << "No tokens found.\n";
    } else {
        out << "API Tokens:\n===========\n";
        for (const TokenEntry& entry : entries) printToken(out, entry, job.now());
        out << "\nTotal tokens: " << entries.size() << "\n";
    }
}

} // namespace

int listTokens(const TokenJob& job) {
    auto entries = allOf(job.store);
    if (const auto owner = job.arguments.value("owner"))
        std::erase_if(entries, [&](const TokenEntry& entry) { return entry.owner != *owner; });
    const bool wantsNone = keepExpiring(job, entries);
    printAll(job, entries);
    return wantsNone && !entries.empty() ? failed : done;
}

int showToken(const TokenJob& job) {
    const std::string id = namedToken(job, "shown");
    if (id.empty()) return failed;
    const auto entry = job.store.get(id);
    if (!entry) return failed;
    if (job.arguments.has("json")) job.console.out << jsonText(viewOf(*entry, job.now()));
    else printToken(job.console.out, *entry, job.now());
    return done;
}

} // namespace gatehouse::cli
