// SqlTokenWriter: changes the tables of a store. Each call belongs into a transaction of database().
// Throws TokenStoreError, or std::system_error where there is no space. Threads: one at a time.
#pragma once

#include "base/clock.hpp"
#include "tokens/sql_token_reader.hpp"

namespace gatehouse {

class SqlTokenWriter {
public:
    static constexpr std::int64_t keptChanges = 10'000; // who has not looked for longer takes all for changed

    // Makes the tables where they are not there.
    SqlTokenWriter(std::unique_ptr<SqlDatabase> database, const Clock& clock);
    SqlTokenReader& reader() { return reader_; }
    SqlDatabase& database() { return reader_.database(); }

    void add(const TokenEntry& entry);
    void replace(const TokenEntry& before, const TokenStore::Change& change, WallTime now);
    void revive(const GoneToken& gone, const TokenStore::Change& change);
    // The last that is remembered of that id, its texts aside.
    std::optional<GoneToken> lastGone(const std::string& id);
    // What is derived from it, directly or not, and itself.
    std::vector<std::string> family(const std::string& id);
    // False: there is no such token.
    bool retire(const std::string& id, GoneToken::Why why, WallTime now, const std::string& because);
    bool remove(const std::string& id);
    // Those that have expired go, and what is remembered for too long is forgotten; says how many they were.
    std::size_t retireExpired(WallTime now);

private:
    void mustBeNew(const Sha256& digest, const std::string& id);
    std::string readableDocumentOf(const TokenEntry& entry);
    void put(const TokenEntry& entry);
    void remember(const GoneToken& gone);
    void forgetBeyondTheMost(const std::string& id);
    void noteGone(const std::string& id);
    void note(const std::string& id, bool isGone); // it is gone, or means something else

    SqlTokenReader reader_;
    const Clock& clock_;
};

} // namespace gatehouse
