// What the token API changes.
#include <algorithm>

#include "admin/scope_table.hpp"
#include "admin/token_api.hpp"
#include "admin/token_filter.hpp"
#include "tokens/token_family.hpp"
#include "tokens/token_request.hpp"
#include "tokens/token_rotation.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse::admin {

namespace {

constexpr std::int64_t usualDays = 30;
constexpr std::int64_t usualCallsPerHour = 1'000;
constexpr std::size_t maxKey = 200; // bytes of an Idempotency-Key
constexpr std::chrono::hours keysKept{24};

const std::vector<std::string_view> creatable{"name",   "scopes",      "expires_in_days", "expires_at",   "rate_limit",
                                              "burst",  "networks",    "tools",           "databases",    "not_before",
                                              "labels", "description", "owner",           "max_idle_days"};

void apply(const Json& request, const std::vector<std::string_view>& allowed, WallTime now, TokenEntry& entry) {
    try {
        applyRequest(request, allowed, now, entry);
    } catch (const TokenRequestImpossible& fault) {
        throw ApiError(422, "impossible", fault.what());
    } catch (const TokenRequestError& fault) {
        throw ApiError(400, "invalid_member", fault.what());
    }
}

bool isTag(const std::string& text) { return text.size() > 2 && text.front() == '"' && text.back() == '"'; }

void allowOnly(const Json& request, const std::vector<std::string_view>& allowed) {
    refuseIf(!request.is_object(), 400, "invalid_body", "expected a JSON object");
    for (const auto& item : request.items())
        refuseIf(std::find(allowed.begin(), allowed.end(), item.key()) == allowed.end(), 400, "invalid_member",
                 item.key() + ": unknown member");
}

bool flagIn(const Json& request, const char* name) {
    const Json value = request.value(name, Json(false));
    refuseIf(!value.is_boolean(), 400, "invalid_member", std::string(name) + ": expected true or false");
    return value.get<bool>();
}

// Why a token is revoked, for whoever asks later.
std::string reasonFrom(const Json& value) {
    try {
        return shownTextFrom("reason", value);
    } catch (const TokenRequestError& fault) {
        throw ApiError(400, "invalid_member", fault.what());
    }
}

} // namespace

// What a text cannot say is wrong in the request.
std::string TokenApi::minted(const TokenEntry& entry) const {
    try {
        return deps_.mint(entry);
    } catch (const TokenRequestError& fault) {
        throw ApiError(400, "invalid_member", fault.what());
    }
}

std::vector<std::string> TokenApi::known() const { return grantableScopes(deps_.policyScopes); }

void TokenApi::refuseReserved(const std::vector<std::string>& scopes) const {
    for (const std::string& scope : scopes)
        refuseIf(isReservedScope(scope), 403, "scope_not_grantable",
                 scope + ": cannot be granted through the UI or the API");
}

void TokenApi::checkScopes(const std::vector<std::string>& wanted) const {
    refuseReserved(wanted);
    const auto all = known();
    for (const std::string& scope : wanted) {
        refuseIf(std::find(all.begin(), all.end(), scope) == all.end(), 400, "unknown_scope",
                 "scopes: there is no scope " + scope);
    }
}

std::optional<RequestMark> TokenApi::markOf(const Manager& who, const std::string& key, const Json& asked) const {
    if (key.empty()) return std::nullopt;
    refuseIf(key.size() > maxKey, 400, "invalid_idempotency_key", "Idempotency-Key: is longer than 200 bytes");
    const std::string body = asked.dump(-1, ' ', false, Json::error_handler_t::replace);
    return RequestMark{.key = hex(sha256(who.id + "\n" + key)), .body = hex(sha256(body)), .at = now()};
}

// The text of the first answer dies: who lost it cannot use it, and who found it must not.
std::optional<ApiAnswer> TokenApi::repeated(const std::optional<RequestMark>& mark) const {
    const auto entry = mark ? deps_.store.getByRequest(mark->key) : std::nullopt;
    if (!entry || entry->request->at + keysKept <= now()) return std::nullopt;
    refuseIf(entry->request->body != mark->body, 409, "idempotency_key_reused",
             "this Idempotency-Key was used for another request");
    std::string text;
    deps_.store.change(entry->record.id, [&](TokenEntry& token) {
        text = deps_.mint(token);
        token.digest = sha256(text);
    });
    const auto fresh = deps_.store.get(entry->record.id);
    refuseIf(!fresh, 404, "not_found", "the token is gone");
    return shown(*fresh, 201, text);
}

// Of who has as many as one owner may have.
void TokenApi::refuseMore(const Manager& who) const {
    if (who.owner.empty()) return;
    std::size_t count = 0;
    try {
        deps_.store.visit(who.owner, [&](const TokenEntry&) { ++count; });
    } catch (const TokenStoreMissing&) { // none yet
    }
    refuseIf(count >= mostOfOwner, 409, "too_many_tokens",
             "you have " + std::to_string(count) + " tokens, and may have " + std::to_string(mostOfOwner) +
                 "; revoke those that are not used");
}

// An older token of the same request, from more than a day ago, gives its mark away.
ApiAnswer TokenApi::added(TokenEntry& entry) const {
    if (entry.request)
        if (const auto older = deps_.store.getByRequest(entry.request->key))
            deps_.store.change(older->record.id, [](TokenEntry& token) { token.request.reset(); });
    const std::string text = minted(entry);
    entry.digest = sha256(text);
    deps_.store.add(entry);
    return shown(entry, 201, text);
}

ApiAnswer TokenApi::create(const Manager& who, const Json& request, const std::string& key) const {
    const auto mark = markOf(who, key, {{"create", request}});
    if (auto again = repeated(mark)) return std::move(*again);
    TokenEntry entry;
    entry.request = mark;
    entry.record.id = newTokenId();
    entry.record.createdAt = now();
    entry.record.expiresAt = now() + std::chrono::hours(24 * usualDays);
    entry.terms.scopes = leastScopes();
    entry.terms.callsPerHour = usualCallsPerHour;
    entry.createdBy = who.id;
    apply(request, creatable, now(), entry);
    refuseIf(entry.record.note.empty(), 400, "invalid_member", "name: missing");
    refuseIf(!who.owner.empty() && !entry.owner.empty() && entry.owner != who.owner, 403, "not_yours",
             "owner: only your own");
    if (!who.owner.empty()) entry.owner = who.owner;
    checkScopes(entry.terms.scopes);
    refuseMore(who);
    return added(entry);
}

ApiAnswer TokenApi::changed(const Manager& who, const std::string& id, const TokenStore::Change& change) const {
    mine(who, id);
    refuseIf(!deps_.store.change(id, change), 404, "not_found", "there is no token of that id");
    return shown(mine(who, id), 200);
}

ApiAnswer TokenApi::patch(const Manager& who, const std::string& id, const Json& request,
                          const std::string& ifMatch) const {
    auto allowed = creatable;
    std::erase(allowed, "owner");
    refuseIf(!ifMatch.empty() && ifMatch != "*" && !isTag(ifMatch), 400, "invalid_if_match",
             "If-Match: expected an entity tag");
    return changed(who, id, [&](TokenEntry& entry) {
        refuseIf(!ifMatch.empty() && ifMatch != "*" && ifMatch != tagOf(entry), 412, "changed_meanwhile",
                 "the token has changed since it was read; read it again");
        const auto before = entry.terms.scopes;
        apply(request, allowed, now(), entry);
        for (const std::string& scope : entry.terms.scopes)
            refuseIf(std::find(before.begin(), before.end(), scope) == before.end(), 403, "wider",
                     "scopes: a token is never made wider; make another one with " + scope);
    });
}

ApiAnswer TokenApi::remove(const Manager& who, const std::string& id, const Query& query) const {
    mine(who, id);
    const auto because = query.find("reason");
    const auto gone = deps_.store.revoke({id}, because == query.end() ? "" : reasonFrom(because->second));
    refuseIf(gone.empty(), 404, "not_found", "there is no token of that id");
    return {204, {}};
}

ApiAnswer TokenApi::rotate(const Manager& who, const std::string& id, const Json& request,
                           const std::string& key) const {
    allowOnly(request, {"overlap", "expires_in_days", "finish_when_idle", "replace"});
    const Kept kept = find(who, id);
    refuseIf(!kept.entry && kept.view["status"] == "revoked", 409, "revoked",
             "a revoked token is not rotated; make another one");
    const Json overlap = request.value("overlap", Json("0s"));
    const auto time = overlap.is_string() ? durationFrom(overlap.get<std::string>()) : std::nullopt;
    refuseIf(!time || *time > maxOverlap, 400, "invalid_member", "overlap: expected a time up to 30d, such as 24h");
    const auto mark = markOf(who, key, {{"rotate", id}, {"how", request}});
    if (auto again = repeated(mark)) return std::move(*again);
    std::string text;
    const auto freshOf = [&](const TokenEntry& fresh) { return sha256(text = minted(fresh)); };
    Rotation rotation{.freshOf = freshOf,
                      .overlap = *time,
                      .untilIdle = flagIn(request, "finish_when_idle"),
                      .replaces = flagIn(request, "replace"),
                      .request = mark};
    if (request.contains("expires_in_days")) {
        TokenEntry life;
        apply({{"expires_in_days", request["expires_in_days"]}}, {"expires_in_days"}, now(), life);
        rotation.expiresAt = life.record.expiresAt;
    }
    try {
        refuseIf(!rotateToken(deps_.store, id, rotation, now()), 404, "not_found", "there is no token of that id");
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
        entry.idleFrom = now();
    });
}

ApiAnswer TokenApi::derive(const Manager& who, const std::string& id, const Json& request,
                           const std::string& key) const {
    const TokenEntry parent = mine(who, id);
    const auto mark = markOf(who, key, {{"derive", id}, {"wish", request}});
    if (auto again = repeated(mark)) return std::move(*again);
    TokenEntry child = childOf(parent, newTokenId(), now());
    auto allowed = creatable;
    allowed.emplace_back("max_calls");
    std::erase(allowed, "owner");
    apply(request, allowed, now(), child);
    refuseReserved(child.terms.scopes);
    const std::string wider = widerThan(child, parent);
    refuseIf(!wider.empty(), 403, "wider", wider);
    child.request = mark;
    refuseMore(who);
    return added(child);
}

ApiAnswer TokenApi::bulkRevoke(const Manager& who, const Json& request) const {
    allowOnly(request, {"ids", "owner", "created_before", "reason", "dry_run"});
    const bool isDry = flagIn(request, "dry_run");
    const Selection selection(request);
    std::vector<std::string> ids;
    visit(who, [&](const Kept& kept) {
        if (kept.entry && selection.takes(kept.view)) ids.push_back(kept.entry->record.id);
    });
    const std::string reason = reasonFrom(request.value("reason", Json("")));
    if (!isDry && !ids.empty()) ids = deps_.store.revoke(ids, reason);
    return {200, {{"ids", ids}, {"total", ids.size()}, {"dry_run", isDry}}};
}

} // namespace gatehouse::admin
