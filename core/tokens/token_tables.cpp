#include "tokens/token_tables.hpp"

#include <algorithm>

#include <gatehouse/settings.hpp>

#include "base/time_text.hpp"
#include "tokens/token_fields.hpp"

namespace gatehouse {

namespace {

constexpr std::int64_t thisVersion = 3;

// `changes`: an id for each token that is gone or means something else, no id for one that is new. `document`: what
// token_fields.hpp writes, and the note, the database and the times. The columns beside it are what is looked up by.
constexpr const char* version1 = R"(
CREATE TABLE tokens (
  number {key},
  id TEXT NOT NULL UNIQUE,
  sha256 {bytes} NOT NULL UNIQUE,
  previous {bytes} UNIQUE,
  parent TEXT,
  owner TEXT,
  request TEXT UNIQUE,
  not_before BIGINT,
  expires_at BIGINT,
  watched BIGINT,
  document TEXT NOT NULL
);
CREATE INDEX tokens_watched ON tokens (watched) WHERE watched=1;
CREATE INDEX tokens_by_parent ON tokens (parent) WHERE parent IS NOT NULL;
CREATE INDEX tokens_by_owner ON tokens (owner) WHERE owner IS NOT NULL;
CREATE INDEX tokens_by_start ON tokens (not_before) WHERE not_before IS NOT NULL;
CREATE INDEX tokens_by_end ON tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE gone (
  number {key},
  sha256 {bytes} NOT NULL UNIQUE,
  id TEXT NOT NULL,
  gone_at BIGINT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX gone_by_id ON gone (id);
CREATE INDEX gone_by_time ON gone (gone_at);
CREATE TABLE changes (number {key}, id TEXT);
)";

// When a change was made, in milliseconds since 1970, and of which token, whatever it means.
constexpr const char* version2 = R"(
ALTER TABLE changes ADD COLUMN at_ms BIGINT;
ALTER TABLE changes ADD COLUMN token TEXT;
)";

constexpr const char* version3 = R"(
ALTER TABLE gone ADD COLUMN owner TEXT;
CREATE INDEX gone_by_owner ON gone (owner, number) WHERE owner IS NOT NULL;
)";

void refuseNewer(const SqlDatabase& database, std::int64_t version) {
    if (version > thisVersion)
        throw TokenStoreError(database.name() + ": was written by a later version (tables " + std::to_string(version) +
                              ", this one knows " + std::to_string(thisVersion) + ")");
}

Sha256 digestFrom(std::string_view bytes) {
    Sha256 out{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
    return out;
}

WallTime timeIn(const Json& document, const char* name, WallTime absent) {
    return parseRfc3339(document.value(name, "")).value_or(absent);
}

// What `read` throws names the file and the id.
template <class Read>
auto readRow(const std::string& id, const std::string& file, const Read& read) {
    try {
        return read();
    } catch (const TokenStoreError&) {
        throw;
    } catch (const std::exception& fault) {
        throw TokenStoreError(file + ": " + id + ": " + fault.what());
    }
}

} // namespace

void migrateTokenTables(SqlDatabase& database) {
    database.transaction([&] {
        const std::int64_t version = database.tablesVersion();
        refuseNewer(database, version);
        if (version < 1) database.define(version1);
        if (version < 2) database.define(version2);
        if (version < 3) database.define(version3);
        if (version < thisVersion) database.setTablesVersion(thisVersion);
    });
}

void checkTokenTables(SqlDatabase& database) {
    const std::int64_t version = database.tablesVersion();
    refuseNewer(database, version);
    if (version == 0) throw TokenStoreError(database.name() + ": is no token store");
}

std::string documentOf(const TokenEntry& entry) {
    Json out = fieldsOf(entry);
    out["note"] = entry.record.note;
    out["created_at"] = rfc3339(entry.record.createdAt);
    if (entry.record.expiresAt != never) out["expires_at"] = rfc3339(entry.record.expiresAt);
    if (!entry.record.database.empty()) out["database"] = entry.record.database;
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

TokenEntry entryFrom(const std::string& id, std::string_view digest, std::string_view document,
                     const std::string& file) {
    return readRow(id, file, [&] {
        const Json json = Json::parse(document);
        TokenEntry entry;
        entry.digest = digestFrom(digest);
        entry.record = {.id = id,
                        .note = json.value("note", ""),
                        .database = json.value("database", ""),
                        .createdAt = timeIn(json, "created_at", {}),
                        .expiresAt = timeIn(json, "expires_at", never)};
        readFields(json, entry);
        return entry;
    });
}

std::string documentOf(const GoneToken& gone) {
    Json out{{"note", gone.note},
             {"reason", whyName(gone.why)},
             {"removed_at", rfc3339(gone.goneAt)},
             {"because", gone.because},
             {"token", gone.rest}};
    if (gone.expiresAt != never) out["expires_at"] = rfc3339(gone.expiresAt);
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

GoneToken goneFrom(const std::string& id, std::string_view digest, std::string_view document, const std::string& file) {
    return readRow(id, file, [&] {
        const Json json = Json::parse(document);
        return GoneToken{.digest = digestFrom(digest),
                         .id = id,
                         .note = json.value("note", ""),
                         .expiresAt = timeIn(json, "expires_at", never),
                         .why = whyFrom(json.value("reason", "")).value_or(GoneToken::Why::removed),
                         .goneAt = timeIn(json, "removed_at", {}),
                         .because = json.value("because", ""),
                         .rest = json.value("token", Json())};
    });
}

std::int64_t secondsOf(WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string_view bytesOf(const Sha256& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

} // namespace gatehouse
