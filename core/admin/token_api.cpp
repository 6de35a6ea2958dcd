#include "admin/token_api.hpp"

#include <algorithm>

#include "admin/scope_table.hpp"
#include "admin/token_filter.hpp"
#include "base/digest.hpp"
#include "base/percent.hpp"
#include "base/time_text.hpp"
#include "tokens/checked_token.hpp"
#include "tokens/token_family.hpp"
#include "tokens/token_fields.hpp"
#include "tokens/token_request.hpp"
#include "tokens/token_rotation.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse::admin {

namespace {

constexpr std::int64_t usualDays = 30;
constexpr std::int64_t usualCallsPerHour = 1'000;
constexpr std::size_t mostOnAPage = 100;

const std::vector<std::string_view> creatable{"name",   "scopes",      "expires_in_days", "expires_at",   "rate_limit",
                                              "burst",  "networks",    "tools",           "databases",    "not_before",
                                              "labels", "description", "owner",           "max_idle_days"};

void refuse(bool wrong, int status, const char* code, const std::string& detail) {
    if (wrong) throw ApiError(status, code, detail);
}

void apply(const Json& request, const std::vector<std::string_view>& allowed, WallTime now, TokenEntry& entry) {
    try {
        applyRequest(request, allowed, now, entry);
    } catch (const TokenRequestError& fault) {
        throw ApiError(400, "invalid_member", fault.what());
    }
}

std::int64_t numberIn(const Query& query, const char* name, std::int64_t usual, std::int64_t least, std::int64_t most) {
    const auto given = query.find(name);
    if (given == query.end()) return usual;
    const std::string& text = given->second;
    const bool isNumber =
        !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
    const std::int64_t number = isNumber ? std::stoll(text) : -1;
    refuse(
        number < least || number > most, 400, "invalid_parameter",
        std::string(name) + ": expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return number;
}

std::optional<std::chrono::seconds> durationIn(const Query& query, const char* name) {
    const auto given = query.find(name);
    if (given == query.end()) return std::nullopt;
    const auto time = durationFrom(given->second);
    refuse(!time, 400, "invalid_parameter", std::string(name) + ": expected a time such as 24h or 7d");
    return time;
}

void allowOnly(const Json& request, const std::vector<std::string_view>& allowed) {
    refuse(!request.is_object(), 400, "invalid_body", "expected a JSON object");
    for (const auto& item : request.items())
        refuse(std::find(allowed.begin(), allowed.end(), item.key()) == allowed.end(), 400, "invalid_member",
               item.key() + ": unknown member");
}

bool flagIn(const Json& request, const char* name) {
    const Json value = request.value(name, Json(false));
    refuse(!value.is_boolean(), 400, "invalid_member", std::string(name) + ": expected true or false");
    return value.get<bool>();
}

// What its owner can change, and nothing that changes by itself.
std::string etagOf(const TokenEntry& entry) {
    const Json shown = gatehouse::viewOf(entry, WallTime{});
    return "\"" + hex(sha256(shown.dump(-1, ' ', false, Json::error_handler_t::replace))).substr(0, 32) + "\"";
}

bool isManager(const GoneToken& gone) { return entryFrom(gone).purpose != TokenPurpose::mcp; }

} // namespace

struct TokenApi::Kept {
    std::optional<TokenEntry> entry;
    std::optional<GoneToken> gone;
    Json view;
};

WallTime TokenApi::now() const { return std::chrono::floor<std::chrono::seconds>(deps_.clock.wall()); }

// --- what there is

// Every token that is theirs, and those that have expired or were revoked, as far as they are remembered.
std::vector<TokenApi::Kept> TokenApi::allOf(const Manager& who) const {
    std::vector<Kept> out;
    const auto keep = [&](Kept kept) {
        if (who.owner.empty() || kept.view["owner"] == who.owner) out.push_back(std::move(kept));
    };
    try {
        for (TokenEntry& entry : deps_.store.list()) {
            Json view = gatehouse::viewOf(entry, now(), deps_.usage.of(entry));
            if (entry.purpose == TokenPurpose::mcp)
                keep({.entry = std::move(entry), .gone = {}, .view = std::move(view)});
        }
        for (GoneToken& gone : deps_.store.listGone()) {
            if (gone.why == GoneToken::Why::replaced || isManager(gone)) continue;
            Json view = gatehouse::viewOf(gone, deps_.usage.of(entryFrom(gone)));
            keep({.entry = {}, .gone = std::move(gone), .view = std::move(view)});
        }
    } catch (const TokenStoreMissing&) { // none yet
    }
    return out;
}

TokenApi::Kept TokenApi::find(const Manager& who, const std::string& id) const {
    const ApiError unknown(404, "not_found", "there is no token of that id");
    const auto isTheirs = [&](const Json& view) { return who.owner.empty() || view["owner"] == who.owner; };
    if (auto entry = deps_.store.get(id)) {
        Json view = gatehouse::viewOf(*entry, now());
        if (entry->purpose != TokenPurpose::mcp || !isTheirs(view)) throw unknown;
        return {.entry = std::move(entry), .gone = {}, .view = std::move(view)};
    }
    auto gone = deps_.store.listGone();
    const auto last = std::find_if(gone.rbegin(), gone.rend(), [&](const GoneToken& one) {
        return one.id == id && one.why != GoneToken::Why::replaced && !isManager(one);
    });
    if (last == gone.rend()) throw unknown;
    Json view = gatehouse::viewOf(*last, deps_.usage.of(entryFrom(*last)));
    if (!isTheirs(view)) throw unknown;
    return {.entry = {}, .gone = std::move(*last), .view = std::move(view)};
}

// One that is there still.
TokenEntry TokenApi::mine(const Manager& who, const std::string& id) const {
    auto kept = find(who, id);
    refuse(!kept.entry, 404, "not_found", "the token is gone: " + kept.view["status"].get<std::string>());
    return std::move(*kept.entry);
}

ApiAnswer TokenApi::shown(const TokenEntry& entry, int status, const std::string& text) const {
    Json view = gatehouse::viewOf(entry, now(), deps_.usage.of(entry));
    if (!text.empty()) view["token"] = text;
    return {status, std::move(view), etagOf(entry)};
}

ApiAnswer TokenApi::list(const Manager& who, const Query& query) const {
    const std::int64_t skip = numberIn(query, "skip", 0, 0, 999'999'999);
    const std::int64_t limit = numberIn(query, "limit", 50, 1, 999'999'999);
    const TokenFilter filter(query, durationIn(query, "expires_within"), durationIn(query, "unused_for"), now());
    const std::string after = query.count("cursor") ? query.at("cursor") : "";
    bool isBefore = !after.empty();
    std::int64_t total = 0;
    Json data = Json::array();
    std::string cursor;
    for (const Kept& kept : allOf(who)) {
        if (!filter.takes(kept.view)) continue;
        ++total;
        const std::string id = kept.view["id"];
        if (isBefore) {
            isBefore = id != after;
            continue;
        }
        const auto room = std::min<std::size_t>(static_cast<std::size_t>(limit), mostOnAPage);
        if (after.empty() && total <= skip) continue;
        if (data.size() < room) data.push_back(kept.view);
        else if (cursor.empty()) cursor = data.back()["id"];
    }
    refuse(isBefore, 400, "invalid_parameter", "cursor: is none of this list");
    return {200, {{"data", data}, {"total", total}, {"next_cursor", cursor.empty() ? Json() : Json(cursor)}}};
}

ApiAnswer TokenApi::get(const Manager& who, const std::string& id) const {
    const Kept kept = find(who, id);
    if (kept.entry) return shown(*kept.entry, 200);
    return {200, kept.view};
}

// --- changes

std::vector<std::string> TokenApi::known() const { return grantableScopes(deps_.policyScopes); }

void TokenApi::checkScopes(const std::vector<std::string>& wanted) const {
    const auto all = known();
    for (const std::string& scope : wanted) {
        refuse(isReservedScope(scope), 403, "scope_not_grantable",
               scope + ": cannot be granted through the UI or the API");
        refuse(std::find(all.begin(), all.end(), scope) == all.end(), 400, "unknown_scope",
               "scopes: there is no scope " + scope);
    }
}

ApiAnswer TokenApi::create(const Manager& who, const Json& request) const {
    TokenEntry entry;
    entry.record.id = newTokenId();
    entry.record.createdAt = now();
    entry.record.expiresAt = now() + std::chrono::hours(24 * usualDays);
    entry.terms.scopes = leastScopes();
    entry.terms.callsPerHour = usualCallsPerHour;
    entry.createdBy = who.id;
    apply(request, creatable, now(), entry);
    refuse(entry.record.note.empty(), 400, "invalid_member", "name: missing");
    refuse(!who.owner.empty() && !entry.owner.empty() && entry.owner != who.owner, 403, "not_yours",
           "owner: only your own");
    if (!who.owner.empty()) entry.owner = who.owner;
    checkScopes(entry.terms.scopes);
    const std::string text = newCheckedToken(deps_.prefix);
    entry.digest = sha256(text);
    deps_.store.add(entry);
    return shown(entry, 201, text);
}

ApiAnswer TokenApi::changed(const Manager& who, const std::string& id, const TokenStore::Change& change) const {
    mine(who, id);
    refuse(!deps_.store.change(id, change), 404, "not_found", "there is no token of that id");
    return shown(mine(who, id), 200);
}

ApiAnswer TokenApi::patch(const Manager& who, const std::string& id, const Json& request,
                          const std::string& ifMatch) const {
    auto allowed = creatable;
    std::erase(allowed, "owner");
    return changed(who, id, [&](TokenEntry& entry) {
        refuse(!ifMatch.empty() && ifMatch != "*" && ifMatch != etagOf(entry), 412, "changed_meanwhile",
               "the token has changed since it was read; read it again");
        const auto before = entry.terms.scopes;
        apply(request, allowed, now(), entry);
        for (const std::string& scope : entry.terms.scopes)
            refuse(std::find(before.begin(), before.end(), scope) == before.end(), 403, "wider",
                   "scopes: a token is never made wider; make another one with " + scope);
    });
}

ApiAnswer TokenApi::remove(const Manager& who, const std::string& id, const Query& query) const {
    mine(who, id);
    const auto because = query.find("reason");
    const auto gone = deps_.store.revoke({id}, because == query.end() ? "" : because->second.substr(0, maxTokenName));
    refuse(gone.empty(), 404, "not_found", "there is no token of that id");
    return {204, {}};
}

ApiAnswer TokenApi::rotate(const Manager& who, const std::string& id, const Json& request) const {
    allowOnly(request, {"overlap", "expires_in_days", "finish_when_idle", "replace"});
    const Kept kept = find(who, id);
    refuse(!kept.entry && kept.view["status"] == "revoked", 409, "revoked",
           "a revoked token is not rotated; make another one");
    const Json overlap = request.value("overlap", Json("0s"));
    const auto time = overlap.is_string() ? durationFrom(overlap.get<std::string>()) : std::nullopt;
    refuse(!time || *time > maxOverlap, 400, "invalid_member", "overlap: expected a time up to 30d, such as 24h");
    const std::string text = newCheckedToken(deps_.prefix);
    Rotation rotation{.fresh = sha256(text),
                      .overlap = *time,
                      .untilIdle = flagIn(request, "finish_when_idle"),
                      .replaces = flagIn(request, "replace")};
    if (request.contains("expires_in_days")) {
        TokenEntry life;
        apply({{"expires_in_days", request["expires_in_days"]}}, {"expires_in_days"}, now(), life);
        rotation.expiresAt = life.record.expiresAt;
    }
    try {
        refuse(!rotateToken(deps_.store, id, rotation, now()), 404, "not_found", "there is no token of that id");
    } catch (const RotationInProgress& fault) {
        throw ApiError(409, "rotation_in_progress", fault.what());
    }
    return shown(mine(who, id), 201, text);
}

ApiAnswer TokenApi::suspend(const Manager& who, const std::string& id) const {
    return changed(who, id, [&](TokenEntry& entry) {
        if (!entry.suspendedAt) entry.suspendedAt = now();
    });
}

ApiAnswer TokenApi::resume(const Manager& who, const std::string& id) const {
    return changed(who, id, [&](TokenEntry& entry) {
        entry.suspendedAt.reset();
        entry.isIdle = false;
    });
}

ApiAnswer TokenApi::derive(const Manager& who, const std::string& id, const Json& request) const {
    const TokenEntry parent = mine(who, id);
    TokenEntry child = childOf(parent, newTokenId(), now());
    auto allowed = creatable;
    allowed.emplace_back("max_calls");
    std::erase(allowed, "owner");
    apply(request, allowed, now(), child);
    const std::string wider = widerThan(child, parent);
    refuse(!wider.empty(), 403, "wider", wider);
    const std::string text = newCheckedToken(deps_.prefix);
    child.digest = sha256(text);
    deps_.store.add(child);
    return shown(child, 201, text);
}

ApiAnswer TokenApi::bulkRevoke(const Manager& who, const Json& request) const {
    allowOnly(request, {"ids", "owner", "created_before", "reason", "dry_run"});
    const bool isDry = flagIn(request, "dry_run");
    const Selection selection(request);
    std::vector<std::string> ids;
    for (const Kept& kept : allOf(who))
        if (kept.entry && selection.takes(kept.view)) ids.push_back(kept.entry->record.id);
    const Json reason = request.value("reason", Json(""));
    refuse(!reason.is_string(), 400, "invalid_member", "reason: expected a string");
    if (!isDry && !ids.empty()) ids = deps_.store.revoke(ids, reason.get<std::string>().substr(0, maxTokenName));
    return {200, {{"ids", ids}, {"total", ids.size()}, {"dry_run", isDry}}};
}

// --- what is asked about one

ApiAnswer TokenApi::usage(const Manager& who, const std::string& id) const {
    find(who, id);
    return {200, deps_.usage.report(id)};
}

ApiAnswer TokenApi::generations(const Manager& who, const std::string& id) const {
    const Kept kept = find(who, id);
    return {200,
            {{"data", deps_.usage.report(id)["generations"]},
             {"generation", kept.view["generation"]},
             {"previous", kept.view["previous"]}}};
}

ApiAnswer TokenApi::scopes() const { return {200, {{"data", scopeTable(deps_.policyScopes)}}}; }

ApiAnswer TokenApi::self(const Manager& who) const {
    const auto entry = deps_.store.get(who.id);
    refuse(!entry, 404, "not_found", "the token is gone");
    ApiAnswer out = shown(*entry, 200);
    const LimitState limit = deps_.limitOf(*entry);
    out.body["remaining"] = limit.limit > 0 ? Json(limit.remaining) : Json();
    out.body["resets_at"] = limit.resets.count() > 0 ? Json(rfc3339(now() + limit.resets)) : Json();
    return out;
}

ApiAnswer TokenApi::validate(const Manager& who) const {
    const Json view = self(who).body;
    return {200,
            {{"valid", true},
             {"id", view["id"]},
             {"name", view["name"]},
             {"subject", view["owner"].is_null() ? view["name"] : view["owner"]},
             {"scopes", view["scopes"]},
             {"expires_at", view["expires_at"]},
             {"status", view["status"]}}};
}

Query queryFrom(const std::string& text, const std::vector<std::string_view>& allowed) {
    Query out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('&', at), text.size());
        std::string pair = text.substr(at, end - at);
        at = end + 1;
        if (pair.empty()) continue;
        std::replace(pair.begin(), pair.end(), '+', ' ');
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto name = percentDecoded(pair.substr(0, equals));
        const auto value = percentDecoded(pair.substr(std::min(equals + 1, pair.size())));
        const bool isKnown = name && value && std::find(allowed.begin(), allowed.end(), *name) != allowed.end();
        refuse(!isKnown, 400, "invalid_parameter", "the query has a parameter that is not known here");
        refuse(!out.emplace(*name, *value).second, 400, "invalid_parameter", *name + ": is given twice");
    }
    return out;
}

} // namespace gatehouse::admin
