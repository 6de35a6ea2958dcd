#include "tokens/token_fields.hpp"

#include <limits>

#include <gatehouse/settings.hpp>

#include "base/time_text.hpp"

namespace gatehouse {

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

// Writes members that are set.
class Writer {
public:
    void string(const char* name, const std::string& value) {
        if (!value.empty()) out_[name] = value;
    }
    void strings(const char* name, const std::vector<std::string>& value) {
        if (!value.empty()) out_[name] = value;
    }
    void rules(const char* name, const NameRules& value) {
        if (!value.empty()) out_[name] = jsonOf(value);
    }
    void number(const char* name, std::int64_t value, std::int64_t usual = 0) {
        if (value != usual) out_[name] = value;
    }
    void time(const char* name, WallTime value) {
        if (value != WallTime{}) out_[name] = rfc3339(value);
    }
    void json(const char* name, Json value) {
        if (!value.empty()) out_[name] = std::move(value);
    }
    void flag(const char* name, bool value) {
        if (value) out_[name] = true;
    }
    Json release() { return std::move(out_); }

private:
    Json out_ = Json::object();
};

WallTime timeIn(const Settings& fields, const char* name) {
    const std::string text = fields.string(name, "");
    if (text.empty()) return {};
    const auto time = parseRfc3339(text);
    if (!time)
        throw SettingsError(std::string(name) + ": expected a time such as 2025-10-30T10:15:30Z, got \"" + text + "\"");
    return *time;
}

NameRules rulesIn(const Settings& fields, const char* name) {
    const Settings map = fields.map(name);
    map.allowOnly({"allow", "deny"});
    return {map.strings("allow"), map.strings("deny")};
}

Json previousOf(const TokenEntry& entry) {
    if (!entry.previous) return Json::object();
    Json out{{"sha256", hex(entry.previous->digest)}, {"valid_until", rfc3339(entry.previous->validUntil)}};
    if (entry.previous->untilIdle) out["until_idle"] = true;
    return out;
}

std::optional<PreviousText> previousIn(const Settings& fields) {
    if (!fields.has("previous")) return std::nullopt;
    const Settings map = fields.map("previous");
    const auto digest = digestFromHex(map.string("sha256"));
    if (!digest) throw SettingsError("previous.sha256: expected 64 hex digits");
    return PreviousText{
        .digest = *digest, .validUntil = timeIn(map, "valid_until"), .untilIdle = map.flag("until_idle", false)};
}

std::map<std::string, std::string> labelsIn(const Settings& fields) {
    std::map<std::string, std::string> out;
    const Settings map = fields.map("labels");
    for (const auto& item : map.json().items()) {
        if (!item.value().is_string()) throw SettingsError("labels." + item.key() + ": expected a string");
        out[item.key()] = item.value().get<std::string>();
    }
    return out;
}

std::optional<WallTime> optionalTime(WallTime time) { return time == WallTime{} ? std::nullopt : std::optional(time); }

std::string purposeName(TokenPurpose purpose) {
    if (purpose == TokenPurpose::mcp) return "";
    return purpose == TokenPurpose::manage ? "manage" : "sign_in";
}

TokenPurpose purposeIn(const Settings& fields) {
    const std::string name = fields.oneOf("purpose", "mcp", {"mcp", "manage", "sign_in"});
    if (name == "mcp") return TokenPurpose::mcp;
    return name == "manage" ? TokenPurpose::manage : TokenPurpose::signIn;
}

Json requestOf(const TokenEntry& entry) {
    if (!entry.request) return Json::object();
    return {{"key", entry.request->key}, {"body", entry.request->body}, {"at", rfc3339(entry.request->at)}};
}

std::optional<RequestMark> requestIn(const Settings& fields) {
    if (!fields.has("request")) return std::nullopt;
    const Settings map = fields.map("request");
    return RequestMark{.key = map.string("key"), .body = map.string("body"), .at = timeIn(map, "at")};
}

TokenTerms termsIn(const Settings& fields) {
    return {.scopes = fields.strings("scopes"),
            .databases = fields.strings("databases"),
            .tools = rulesIn(fields, "tools"),
            .networks = rulesIn(fields, "networks"),
            .callsPerHour = fields.integer("rate_limit", 0, 0, most),
            .burst = fields.integer("burst", 0, 0, most),
            .maxCalls = fields.integer("max_calls", 0, 0, most)};
}

} // namespace

Json jsonOf(const NameRules& rules) {
    Json out = Json::object();
    if (!rules.allow.empty()) out["allow"] = rules.allow;
    if (!rules.deny.empty()) out["deny"] = rules.deny;
    return out;
}

const std::vector<std::string>& fieldNames() {
    static const std::vector<std::string> names{
        "scopes",  "databases",  "tools",    "networks",    "rate_limit",    "burst",        "max_calls", "labels",
        "owner",   "created_by", "parent",   "not_before",  "max_idle_days", "suspended_at", "is_idle",   "purpose",
        "request", "generation", "previous", "description", "rotated_at",    "idle_from"};
    return names;
}

Json fieldsOf(const TokenEntry& entry) {
    Writer out;
    out.string("description", entry.description);
    out.json("labels", Json(entry.labels));
    out.string("owner", entry.owner);
    out.string("created_by", entry.createdBy);
    out.string("parent", entry.parent);
    out.strings("scopes", entry.terms.scopes);
    out.strings("databases", entry.terms.databases);
    out.rules("tools", entry.terms.tools);
    out.rules("networks", entry.terms.networks);
    out.number("rate_limit", entry.terms.callsPerHour);
    out.number("burst", entry.terms.burst);
    out.number("max_calls", entry.terms.maxCalls);
    out.time("not_before", entry.notBefore);
    out.number("max_idle_days", entry.maxIdleDays);
    out.time("idle_from", entry.idleFrom);
    out.time("suspended_at", entry.suspendedAt.value_or(WallTime{}));
    out.flag("is_idle", entry.isIdle);
    out.string("purpose", purposeName(entry.purpose));
    out.time("rotated_at", entry.rotatedAt.value_or(WallTime{}));
    out.number("generation", static_cast<std::int64_t>(entry.generation), 1);
    out.json("previous", previousOf(entry));
    out.json("request", requestOf(entry));
    return out.release();
}

void readFields(const Json& json, TokenEntry& entry) {
    const Settings fields(json);
    entry.description = fields.string("description", "");
    entry.labels = labelsIn(fields);
    entry.owner = fields.string("owner", "");
    entry.createdBy = fields.string("created_by", "");
    entry.parent = fields.string("parent", "");
    entry.terms = termsIn(fields);
    entry.notBefore = timeIn(fields, "not_before");
    entry.maxIdleDays = fields.integer("max_idle_days", 0, 0, 36500);
    entry.idleFrom = timeIn(fields, "idle_from");
    entry.suspendedAt = optionalTime(timeIn(fields, "suspended_at"));
    entry.isIdle = fields.flag("is_idle", false);
    entry.purpose = purposeIn(fields);
    entry.rotatedAt = optionalTime(timeIn(fields, "rotated_at"));
    entry.generation = static_cast<std::uint64_t>(fields.integer("generation", 1, 1, most));
    entry.previous = previousIn(fields);
    entry.request = requestIn(fields);
}

GoneToken goneFrom(const TokenEntry& entry, GoneToken::Why why, WallTime now, std::string because) {
    GoneToken gone{.digest = entry.digest,
                   .id = entry.record.id,
                   .note = entry.record.note,
                   .expiresAt = entry.record.expiresAt,
                   .why = why,
                   .goneAt = now,
                   .because = std::move(because)};
    if (why == GoneToken::Why::replaced) return gone;
    gone.rest = fieldsOf(entry);
    gone.rest["created_at"] = rfc3339(entry.record.createdAt);
    if (!entry.record.database.empty()) gone.rest["database"] = entry.record.database;
    return gone;
}

std::vector<GoneToken> replacedTexts(const TokenEntry& before, const TokenEntry& after, WallTime now) {
    std::vector<GoneToken> gone;
    const auto stays = [&](const Sha256& digest) {
        return digest == after.digest || (after.previous && digest == after.previous->digest);
    };
    if (!stays(before.digest)) gone.push_back(goneFrom(before, GoneToken::Why::replaced, now));
    if (before.previous && !stays(before.previous->digest)) {
        gone.push_back(goneFrom(before, GoneToken::Why::replaced, now));
        gone.back().digest = before.previous->digest;
    }
    return gone;
}

TokenEntry entryFrom(const GoneToken& gone) {
    TokenEntry entry;
    const Settings rest(gone.rest);
    entry.record = {.id = gone.id,
                    .note = gone.note,
                    .database = rest.string("database", ""),
                    .createdAt = timeIn(rest, "created_at"),
                    .expiresAt = gone.expiresAt};
    readFields(gone.rest, entry);
    return entry;
}

} // namespace gatehouse
