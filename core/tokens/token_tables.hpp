// The tables of a token store in a database, and rows as entries.
// Threads: as SqlDatabase.
#pragma once

#include "tokens/sql_database.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

// Makes the tables, or brings those of an older version up to this one. Throws TokenStoreError for a newer one.
void migrateTokenTables(SqlDatabase& database);
// Throws for a database without tables, or with those of a later version; changes nothing.
void checkTokenTables(SqlDatabase& database);

std::string documentOf(const TokenEntry& entry);
// Throws TokenStoreError, which names `store` and the id.
TokenEntry entryFrom(const std::string& id, std::string_view digest, std::string_view document,
                     const std::string& store);

std::string documentOf(const GoneToken& gone);
GoneToken goneFrom(const std::string& id, std::string_view digest, std::string_view document, const std::string& store);

std::int64_t secondsOf(WallTime time);
std::string_view bytesOf(const Sha256& digest);

} // namespace gatehouse
