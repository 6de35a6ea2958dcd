// SqlTokenReader: looks tokens up in the tables of a store. Statements are compiled once.
// Throws TokenStoreError. Threads: one at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tokens/sql_database.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

// What others have changed. `ids`: of tokens that are gone or mean something else.
struct TableChanges {
    std::vector<std::string> ids;
    bool all = false; // it is no longer known what: everything may have changed
    WallTime since{}; // the first was made; the epoch: none, or not known
};

class SqlTokenReader {
public:
    // The tables are there.
    explicit SqlTokenReader(std::unique_ptr<SqlDatabase> database);

    std::shared_ptr<const TokenEntry> byText(const Sha256& digest); // or by a previous text; null: there is none
    std::shared_ptr<const TokenEntry> byId(const std::string& id);
    std::shared_ptr<const TokenEntry> byRequest(const std::string& key);
    std::optional<GoneToken> gone(const Sha256& digest);
    std::int64_t count();
    std::int64_t lastChange();
    // Since change `number`, which becomes the last one.
    TableChanges changesSince(std::int64_t& number);
    // `mark`: of an earlier answer; empty: none.
    TokensTouched touchedSince(const std::string& mark);
    // The next time at which a token becomes valid.
    WallTime nextBegin(WallTime now);
    SqlDatabase& database() { return *database_; }

private:
    std::shared_ptr<const TokenEntry> oneOf(SqlStatement& statement) const;

    std::unique_ptr<SqlDatabase> database_;
    SqlStatement byText_, byId_, byRequest_, gone_, changes_, firstChange_, lastChange_, nextBegin_, count_;
};

} // namespace gatehouse
