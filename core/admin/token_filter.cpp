#include "admin/token_filter.hpp"

#include <algorithm>
#include <array>

#include <gatehouse/ascii.hpp>

#include "admin/api_error.hpp"
#include "base/time_text.hpp"

namespace gatehouse::admin {

namespace {

constexpr std::array<std::string_view, 6> statuses{"active",        "suspended", "idle",
                                                   "not_yet_valid", "expired",   "revoked"};

std::string valueOf(const std::map<std::string, std::string>& query, const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? "" : found->second;
}

std::optional<WallTime> timeIn(const Json& view, const char* name) {
    return view.at(name).is_string() ? parseRfc3339(view.at(name).get<std::string>()) : std::nullopt;
}

std::string textIn(const Json& view, const char* name) {
    return view.at(name).is_string() ? view.at(name).get<std::string>() : "";
}

} // namespace

TokenFilter::TokenFilter(const std::map<std::string, std::string>& query,
                         std::optional<std::chrono::seconds> expiresWithin,
                         std::optional<std::chrono::seconds> unusedFor, WallTime now)
    : status_(valueOf(query, "status")), owner_(valueOf(query, "owner")), text_(lowered(valueOf(query, "q"))),
      expiresWithin_(expiresWithin), unusedFor_(unusedFor), now_(now) {
    if (query.count("status") != 0 && std::find(statuses.begin(), statuses.end(), status_) == statuses.end())
        throw ApiError(400, "invalid_parameter",
                       "status: expected one of active, suspended, idle, not_yet_valid, expired, revoked");
}

bool TokenFilter::takes(const Json& view) const {
    const std::string status = view.at("status");
    if (status_.empty() ? status == "revoked" : status != status_) return false;
    if (!owner_.empty() && textIn(view, "owner") != owner_) return false;
    if (!text_.empty() && lowered(textIn(view, "name")).find(text_) == std::string::npos &&
        lowered(textIn(view, "description")).find(text_) == std::string::npos &&
        textIn(view, "id").find(text_) == std::string::npos)
        return false;
    return (!expiresWithin_ || expiresSoon(view)) && (!unusedFor_ || isUnused(view));
}

bool TokenFilter::expiresSoon(const Json& view) const {
    const auto end = timeIn(view, "expires_at");
    return end && *end > now_ && *end <= now_ + *expiresWithin_;
}

// One that was never used is unused since it was made.
bool TokenFilter::isUnused(const Json& view) const {
    const auto used = timeIn(view, "last_used_at"), created = timeIn(view, "created_at");
    return used.value_or(created.value_or(WallTime{})) + *unusedFor_ <= now_;
}

Selection::Selection(const Json& request) {
    const auto wrong = [](const std::string& words) { throw ApiError(400, "invalid_member", words); };
    if (request.contains("ids")) {
        ids_.emplace();
        if (!request["ids"].is_array()) wrong("ids: expected a list of ids");
        for (const Json& id : request["ids"]) {
            if (!id.is_string()) wrong("ids: expected a list of ids");
            ids_->insert(id.get<std::string>());
        }
    }
    if (request.contains("owner")) {
        if (!request["owner"].is_string()) wrong("owner: expected a string");
        owner_ = request["owner"].get<std::string>();
    }
    if (request.contains("created_before")) {
        const Json& time = request["created_before"];
        createdBefore_ = time.is_string() ? parseRfc3339(time.get<std::string>()) : std::nullopt;
        if (!createdBefore_) wrong("created_before: expected a time such as 2026-01-31T12:00:00Z");
    }
    if (!ids_ && !owner_ && !createdBefore_)
        throw ApiError(400, "nothing_selected", "expected ids, owner or created_before");
}

bool Selection::takes(const Json& view) const {
    if (ids_ && ids_->count(textIn(view, "id")) == 0) return false;
    if (owner_ && textIn(view, "owner") != *owner_) return false;
    return !createdBefore_ || timeIn(view, "created_at").value_or(WallTime{}) < *createdBefore_;
}

} // namespace gatehouse::admin
