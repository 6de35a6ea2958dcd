#include "ops/decision_log.hpp"

#include <gatehouse/json_text.hpp>

namespace gatehouse {

namespace {

constexpr std::size_t shownBytes = 64; // of what a client says of itself, and of names
constexpr const char* otherPeers = "other peers";

bool isRefusal(const AuditEvent& decision) {
    return decision.outcome == Outcome::rejected || decision.outcome == Outcome::limited ||
           decision.outcome == Outcome::unavailable;
}

// Quoted, so that nobody can write a line of their own.
void appendQuoted(std::string& line, std::string_view what, std::string_view text) {
    if (text.empty()) return;
    line.append(", ").append(what).append(" ");
    appendJsonString(line, text.substr(0, shownBytes));
}

} // namespace

std::string decisionLine(const AuditEvent& decision) {
    std::string line = isRefusal(decision) ? "refused " : std::string(outcomeName(decision.outcome)) + " ";
    line.append(std::to_string(decision.httpStatus));
    if (!decision.reason.empty()) line.append(" ").append(decision.reason);
    line.append(": peer ").append(decision.peer.empty() ? "-" : decision.peer);
    appendQuoted(line, "method", decision.method);
    appendQuoted(line, "name", decision.name);
    appendQuoted(line, "path", decision.path);
    appendQuoted(line, "client", decision.client);
    appendQuoted(line, "subject", decision.subject);
    appendQuoted(line, "token", decision.tokenId);
    if (!decision.detail.empty()) line.append(": ").append(decision.detail);
    return line;
}

void DecisionLog::tell(const AuditEvent& decision) {
    if (log_.shows(LogLevel::debug)) return log_.debug(decisionLine(decision));
    if (isRefusal(decision) && log_.shows(LogLevel::info)) tellRefusal(decision);
}

void DecisionLog::tellRefusal(const AuditEvent& decision) {
    std::string key;
    key.append(decision.peer).append(" ").append(decision.reason);
    const std::lock_guard lock(mutex_);
    if (told_.size() >= maxPeers && told_.find(key) == told_.end()) key = otherPeers;
    const auto [at, isNew] = told_.try_emplace(std::move(key));
    Told& told = at->second;
    if (isNew) {
        told.until = clock_.steady() + pause;
        return log_.info(decisionLine(decision)); // never waits
    }
    ++told.more;
    told.last = decisionLine(decision);
}

void DecisionLog::expire() {
    const SteadyTime now = clock_.steady();
    const std::lock_guard lock(mutex_);
    for (auto at = told_.begin(); at != told_.end();) {
        Told& told = at->second;
        if (now < told.until) {
            ++at;
        } else if (told.more == 0) {
            at = told_.erase(at);
        } else {
            log_.info(told.last + " (" + std::to_string(told.more) + " times in the last minute)");
            told = {now + pause, 0, {}};
            ++at;
        }
    }
}

} // namespace gatehouse
