#include "ops/decision_log.hpp"

#include <gatehouse/json_text.hpp>

#include "base/redact.hpp"

namespace gatehouse {

namespace {

constexpr std::size_t shownBytes = 64; // of what a client says of itself, and of names
constexpr const char* otherPeers = "other peers";

bool isRefusal(const AuditEvent& event) {
    return event.outcome == Outcome::rejected || event.outcome == Outcome::limited ||
           event.outcome == Outcome::unavailable;
}

// Quoted, so that no value can forge a line.
void appendQuoted(std::string& line, std::string_view what, std::string_view text) {
    if (text.empty()) return;
    line.append(", ").append(what).append(" ");
    appendJsonString(line, std::string_view(withoutTokens(text)).substr(0, shownBytes));
}

} // namespace

std::string decisionLine(const AuditEvent& event) {
    std::string line = isRefusal(event) ? "refused " : std::string(outcomeName(event.outcome)) + " ";
    line.append(std::to_string(event.httpStatus));
    if (!event.reason.empty()) line.append(" ").append(event.reason);
    line.append(": peer ").append(event.peer.empty() ? "-" : event.peer);
    appendQuoted(line, "method", event.method);
    appendQuoted(line, "name", event.name);
    appendQuoted(line, "path", event.path);
    appendQuoted(line, "client", event.client);
    appendQuoted(line, "subject", event.subject);
    appendQuoted(line, "token", event.tokenId);
    if (!event.detail.empty()) line.append(": ").append(event.detail);
    return line;
}

void DecisionLog::log(const AuditEvent& event) {
    if (log_.shows(LogLevel::debug)) return log_.debug(decisionLine(event));
    if (isRefusal(event) && log_.shows(LogLevel::info)) logRefusal(event);
}

void DecisionLog::logRefusal(const AuditEvent& event) {
    std::string key;
    key.append(event.peer).append(" ").append(event.reason);
    const std::lock_guard lock(mutex_);
    if (told_.size() >= maxPeers && told_.find(key) == told_.end()) key = otherPeers;
    const auto [at, isNew] = told_.try_emplace(std::move(key));
    Told& told = at->second;
    if (isNew) {
        told.until = clock_.steady() + pause;
        return log_.info(decisionLine(event)); // never waits
    }
    ++told.more;
    told.last = decisionLine(event);
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
