// SqliteTokenReader: looks tokens up in the tables of an SQLite store. Statements are compiled once.
// Throws TokenStoreError. Threads: one at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tokens/sqlite_database.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

class SqliteTokenReader {
public:
    // The tables are there.
    SqliteTokenReader(const std::string& file, SqliteDatabase::Mode mode);

    std::shared_ptr<const TokenEntry> byText(const Sha256& digest); // or by a previous text; null: there is none
    std::shared_ptr<const TokenEntry> byId(const std::string& id);
    std::shared_ptr<const TokenEntry> byRequest(const std::string& key);
    std::optional<GoneToken> gone(const Sha256& digest);
    std::int64_t count();
    std::int64_t lastChange();
    // The ids of tokens that are gone or mean something else since change `number`, which becomes the last one; nothing
    // when it is no longer known what has changed.
    std::optional<std::vector<std::string>> changesSince(std::int64_t& number);
    // The next time at which a token becomes valid.
    WallTime nextBegin(WallTime now);
    SqliteDatabase& database() { return database_; }

private:
    std::shared_ptr<const TokenEntry> oneOf(SqliteStatement& statement) const;

    SqliteDatabase database_;
    SqliteStatement byText_, byId_, byRequest_, gone_, changes_, firstChange_, lastChange_, nextBegin_, count_;
};

} // namespace gatehouse
