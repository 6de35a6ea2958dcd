#include "admin/token_api.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "admin/refusal_remedy.hpp"
#include "admin/scope_table.hpp"
#include "admin/token_filter.hpp"
#include "base/time_text.hpp"
#include "tokens/token_fields.hpp"

namespace gatehouse::admin {

namespace {

constexpr std::size_t mostOnAPage = 100;
constexpr std::size_t mostRefusals = 50;

Json withRemedies(Json refusals) {
    for (Json& refusal : refusals) refusal["remedy"] = remedyOf(refusal["reason"].get<std::string>());
    return refusals;
}

// Where a token stands in a list: a list goes on behind it, also when it has gone meanwhile.
using Place = std::pair<std::int64_t, std::string>; // when it was made, in seconds since 1970, and its id

Place placeOf(const Json& view) {
    const Json& made = view.at("created_at");
    const auto time = made.is_string() ? parseRfc3339(made.get<std::string>()) : std::nullopt;
    return {time ? std::chrono::floor<std::chrono::seconds>(time->time_since_epoch()).count() : 0, view.at("id")};
}

std::string cursorOf(const Json& view) {
    const auto [made, id] = placeOf(view);
    return std::to_string(made) + "." + id;
}

std::optional<Place> placeIn(const Query& query) {
    const auto given = query.find("cursor");
    if (given == query.end()) return std::nullopt;
    const std::string& text = given->second;
    const std::size_t dot = std::min(text.find('.'), text.size());
    std::int64_t made = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + dot, made);
    refuseIf(dot == text.size() || error != std::errc() || end != text.data() + dot, 400, "invalid_parameter",
             "cursor: expected next_cursor of a list");
    return Place{made, text.substr(dot + 1)};
}

bool isTheirs(const Manager& who, const Json& view) { return who.owner.empty() || view["owner"] == who.owner; }

bool isManager(const GoneToken& gone) { return entryFrom(gone).purpose != TokenPurpose::mcp; }

} // namespace

WallTime TokenApi::now() const { return std::chrono::floor<std::chrono::seconds>(deps_.clock.wall()); }

// --- what there is

void TokenApi::visit(const Manager& who, const std::function<void(Kept&&)>& take) const {
    try {
        deps_.store.visit(who.owner, [&](TokenEntry& entry) {
            Json view = gatehouse::viewOf(entry, now());
            if (entry.purpose == TokenPurpose::mcp)
                take({.entry = std::move(entry), .gone = {}, .view = std::move(view)});
        });
        deps_.store.visitGone([&](GoneToken& gone) {
            if (gone.why == GoneToken::Why::replaced || isManager(gone)) return;
            Json view = gatehouse::viewOf(gone, {});
            if (isTheirs(who, view)) take({.entry = {}, .gone = std::move(gone), .view = std::move(view)});
        });
    } catch (const TokenStoreMissing&) { // none yet
    }
}

Json TokenApi::usedView(const Kept& kept) const {
    if (kept.entry) return gatehouse::viewOf(*kept.entry, now(), deps_.usage.of(*kept.entry));
    return gatehouse::viewOf(*kept.gone, deps_.usage.of(entryFrom(*kept.gone)));
}

// Nothing: there is none, or it is not theirs.
std::optional<TokenApi::Kept> TokenApi::lookUp(const Manager& who, const std::string& id) const {
    if (auto entry = deps_.store.get(id)) {
        Json view = gatehouse::viewOf(*entry, now());
        if (entry->purpose != TokenPurpose::mcp || !isTheirs(who, view)) return std::nullopt;
        return Kept{.entry = std::move(entry), .gone = {}, .view = std::move(view)};
    }
    auto gone = deps_.store.getGone(id);
    if (!gone || isManager(*gone)) return std::nullopt;
    Json view = gatehouse::viewOf(*gone, deps_.usage.of(entryFrom(*gone)));
    if (!isTheirs(who, view)) return std::nullopt;
    return Kept{.entry = {}, .gone = std::move(gone), .view = std::move(view)};
}

TokenApi::Kept TokenApi::find(const Manager& who, const std::string& id) const {
    auto kept = lookUp(who, id);
    refuseIf(!kept, 404, "not_found", "there is no token of that id");
    return std::move(*kept);
}

// One that is there still.
TokenEntry TokenApi::mine(const Manager& who, const std::string& id) const {
    auto kept = find(who, id);
    refuseIf(!kept.entry, 404, "not_found", "the token is gone: " + kept.view["status"].get<std::string>());
    return std::move(*kept.entry);
}

ApiAnswer TokenApi::shown(const TokenEntry& entry, int status, const std::string& text) const {
    Json view = gatehouse::viewOf(entry, now(), deps_.usage.of(entry));
    if (!text.empty()) view["token"] = text;
    return {status, std::move(view), tagOf(entry)};
}

ApiAnswer TokenApi::list(const Manager& who, const Query& query) const {
    const std::int64_t skip = numberIn(query, "skip", {0, 0, 999'999'999});
    const std::int64_t limit = numberIn(query, "limit", {50, 1, 999'999'999});
    const TokenFilter filter(query, durationIn(query, "expires_within"), durationIn(query, "unused_for"), now());
    const auto after = placeIn(query);
    const auto room = std::min(static_cast<std::size_t>(limit), mostOnAPage);
    const auto before = static_cast<std::size_t>(after ? 0 : skip);
    std::int64_t total = 0;
    std::map<Place, Kept> found; // as far as the page goes, and one more
    visit(who, [&](Kept&& kept) {
        if (!filter.takes(kept.view) || (filter.asksForUse() && !filter.takes(usedView(kept)))) return;
        ++total;
        const Place place = placeOf(kept.view);
        if (after && place <= *after) return;
        found.emplace(place, std::move(kept));
        if (found.size() > before + room + 1) found.erase(std::prev(found.end()));
    });
    Json data = Json::array(), cursor;
    std::size_t number = 0;
    for (const auto& [place, kept] : found) {
        if (++number <= before) continue;
        if (data.size() < room) data.push_back(usedView(kept));
        else cursor = cursorOf(data.back());
    }
    return {200, {{"data", data}, {"total", total}, {"next_cursor", cursor}}};
}

ApiAnswer TokenApi::get(const Manager& who, const std::string& id) const {
    const Kept kept = find(who, id);
    if (kept.entry) return shown(*kept.entry, 200);
    return {200, kept.view};
}

// --- what is asked about one

ApiAnswer TokenApi::usage(const Manager& who, const std::string& id) const {
    find(who, id);
    Json report = deps_.usage.report(id);
    report["refusals"] = withRemedies(deps_.refusals.of(id));
    return {200, std::move(report)};
}

// Of tokens that have expired or were revoked as well; what is not theirs is left out.
ApiAnswer TokenApi::refusals(const Manager& who) const {
    std::map<std::string, Json> names; // null: not theirs
    Json data = Json::array();
    for (Json& refusal : deps_.refusals.latest()) {
        if (data.size() == mostRefusals) break;
        const auto [token, isNew] = names.try_emplace(refusal["id"]);
        if (isNew)
            if (const auto kept = lookUp(who, token->first)) token->second = kept->view["name"];
        if (token->second.is_null()) continue;
        refusal["name"] = token->second;
        data.push_back(std::move(refusal));
    }
    return {200, {{"data", withRemedies(std::move(data))}}};
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
    refuseIf(!entry, 404, "not_found", "the token is gone");
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

} // namespace gatehouse::admin
