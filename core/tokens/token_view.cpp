#include "tokens/token_view.hpp"

#include "base/time_text.hpp"
#include "tokens/token_fields.hpp"

namespace gatehouse {

namespace {

Json timeOrNull(WallTime time) { return time == never || time == WallTime{} ? Json() : Json(rfc3339(time)); }
Json timeOrNull(const std::optional<WallTime>& time) { return time ? Json(rfc3339(*time)) : Json(); }
Json numberOrNull(std::int64_t number) { return number == 0 ? Json() : Json(number); }
Json textOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json rulesView(const NameRules& rules) { return {{"allow", rules.allow}, {"deny", rules.deny}}; }

// A database that the token is bound to is one of those that it may use.
Json databasesView(const TokenEntry& entry) {
    Json out(entry.terms.databases);
    if (out.empty() && !entry.record.database.empty()) out.push_back(entry.record.database);
    return out;
}

} // namespace

Json viewOf(const TokenEntry& entry, WallTime now, const TokenUse& use) {
    const TokenStatus status = statusOf(entry, now);
    Json out{{"id", entry.record.id},
             {"name", entry.record.note},
             {"description", entry.description},
             {"labels", entry.labels},
             {"owner", textOrNull(entry.owner)},
             {"created_by", textOrNull(entry.createdBy)},
             {"parent_id", textOrNull(entry.parent)},
             {"scopes", entry.terms.scopes},
             {"created_at", timeOrNull(entry.record.createdAt)},
             {"not_before", timeOrNull(entry.notBefore)},
             {"expires_at", timeOrNull(entry.record.expiresAt)},
             {"rate_limit", numberOrNull(entry.terms.callsPerHour)},
             {"burst", numberOrNull(entry.terms.burst)},
             {"max_calls", numberOrNull(entry.terms.maxCalls)},
             {"max_idle_days", numberOrNull(entry.maxIdleDays)},
             {"databases", databasesView(entry)},
             {"tools", rulesView(entry.terms.tools)},
             {"networks", rulesView(entry.terms.networks)},
             {"status", statusName(status)},
             {"is_active", status == TokenStatus::active},
             {"generation", entry.generation},
             {"last_used_at", timeOrNull(use.lastUsedAt)},
             {"usage_count", use.calls},
             {"previous", Json()}};
    if (entry.previous && entry.previous->validUntil > now)
        out["previous"] = {{"generation", entry.generation - 1},
                           {"valid_until", rfc3339(entry.previous->validUntil)},
                           {"last_used_at", timeOrNull(use.previousUsedAt)},
                           {"calls_since", use.callsOfPrevious}};
    return out;
}

std::string tagOf(const TokenEntry& entry) {
    const std::string shown = viewOf(entry, WallTime{}).dump(-1, ' ', false, Json::error_handler_t::replace);
    return "\"" + hex(sha256(shown)).substr(0, 32) + "\"";
}

Json viewOf(const GoneToken& gone, const TokenUse& use) {
    TokenEntry entry = entryFrom(gone);
    entry.previous.reset();
    Json out = viewOf(entry, gone.goneAt, use);
    const bool isExpired = gone.why == GoneToken::Why::expired;
    out["status"] = isExpired ? "expired" : "revoked";
    out["is_active"] = false;
    if (!isExpired) out["revoked_at"] = rfc3339(gone.goneAt);
    if (!isExpired) out["revoked_because"] = textOrNull(gone.because);
    return out;
}

} // namespace gatehouse
