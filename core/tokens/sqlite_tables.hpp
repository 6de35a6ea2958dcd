// The tables of an SQLite token store, and rows as entries.
// Threads: as SqliteDatabase.
#pragma once

#include "tokens/sqlite_database.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

// Makes the tables, or brings those of an older version up to this one. Throws TokenStoreError for a newer one.
void migrateTokenTables(SqliteDatabase& database);
// The same without a change: throws for tables that are not of this version.
void checkTokenTables(SqliteDatabase& database);

std::string documentOf(const TokenEntry& entry);
// Throws TokenStoreError, which names `file` and the id.
TokenEntry entryFrom(const std::string& id, std::string_view digest, std::string_view document,
                     const std::string& file);

std::string documentOf(const GoneToken& gone);
GoneToken goneFrom(const std::string& id, std::string_view digest, std::string_view document, const std::string& file);

std::int64_t secondsOf(WallTime time);
std::string_view bytesOf(const Sha256& digest);

} // namespace gatehouse
