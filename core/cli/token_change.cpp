// gatehouse token remove | rotate | suspend | resume
#include <iostream>

#include <gatehouse/ascii.hpp>

#include "base/joined.hpp"
#include "base/shown_text.hpp"
#include "cli/token_job.hpp"
#include "tokens/token_request.hpp"
#include "tokens/token_rotation.hpp"

namespace gatehouse::cli {

namespace {

constexpr std::size_t shortestPrefix = 8;

bool isNamed(const std::string& id, const Sha256& digest, const std::string& what) {
    if (id == what) return true;
    const std::string lower = lowered(what);
    return lower.size() >= shortestPrefix && hex(digest).compare(0, lower.size(), lower) == 0;
}

void tellMissing(const TokenJob& job) {
    job.console.err << "Token not found: " << shownText(job.what) << "\n";
    if (job.what.size() < shortestPrefix) job.console.err << "A hash prefix needs at least 8 characters.\n";
    job.console.err << "Looked in " << shownText(job.store.name()) << "; --token-file or --config names another.\n";
}

std::chrono::seconds overlapOf(const TokenJob& job) {
    const auto given = job.arguments.value("overlap");
    if (!given) return std::chrono::seconds(0);
    const auto overlap = durationFrom(*given);
    if (!overlap || *overlap > maxOverlap)
        throw UsageError("--overlap: expected a time up to 30d, such as 24h, got \"" + *given + "\"");
    return *overlap;
}

int say(const TokenJob& job, const char* words, const std::string& id) {
    job.console.out << words << shownText(id) << "\n";
    return done;
}

} // namespace

std::string namedToken(const TokenJob& job, const std::string& notDone) {
    if (job.store.get(job.what)) return job.what;
    std::vector<std::string> matches;
    job.store.visit("", [&](const TokenEntry& entry) {
        if (isNamed(entry.record.id, entry.digest, job.what)) matches.push_back(entry.record.id);
    });
    if (matches.size() == 1) return matches.front();
    if (matches.empty()) tellMissing(job);
    else
        job.console.err << "More than one token begins like that, nothing was " << notDone << ": "
                        << shownText(joined(matches, ", ")) << "\n";
    return {};
}

int removeToken(const TokenJob& job) {
    const std::string id = namedToken(job, "removed");
    if (id.empty()) return failed;
    job.store.revoke({id}, job.arguments.value("reason").value_or(""));
    return say(job, "Token removed successfully: ", id);
}

// One that has expired is not listed, and can be rotated by its id.
int rotateToken(const TokenJob& job) {
    std::string text;
    const auto freshOf = [&](const TokenEntry& fresh) { return sha256(text = job.newText(fresh)); };
    const Rotation rotation{.freshOf = freshOf, .overlap = overlapOf(job), .replaces = job.arguments.has("replace")};
    std::string id = job.what;
    if (!gatehouse::rotateToken(job.store, id, rotation, job.now())) {
        id = namedToken(job, "rotated");
        if (id.empty()) return failed;
        gatehouse::rotateToken(job.store, id, rotation, job.now());
    }
    const auto rotated = job.store.get(id);
    return rotated && showText(job.console, "Token rotated successfully:", *rotated, text) ? done : failed;
}

int suspendToken(const TokenJob& job) {
    const std::string id = namedToken(job, "suspended");
    if (id.empty()) return failed;
    job.store.change(id, [&](TokenEntry& entry) { entry.suspendedAt = job.now(); });
    return say(job, "Token suspended: ", id);
}

int resumeToken(const TokenJob& job) {
    const std::string id = namedToken(job, "resumed");
    if (id.empty()) return failed;
    job.store.change(id, [&](TokenEntry& entry) {
        entry.suspendedAt.reset();
        entry.isIdle = false;
        entry.idleFrom = job.now();
    });
    return say(job, "Token resumed: ", id);
}

} // namespace gatehouse::cli
