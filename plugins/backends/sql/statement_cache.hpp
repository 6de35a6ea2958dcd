// StatementCache: prepared statements of one connection, by their text; the longest unused is dropped first.
// Threads: the connection's.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

struct sqlite3_stmt;

namespace gatehouse::sql {

struct StatementEnd {
    void operator()(sqlite3_stmt* statement) const noexcept;
};
using OwnStatement = std::unique_ptr<sqlite3_stmt, StatementEnd>;

class StatementCache {
public:
    static constexpr std::size_t maxStatements = 16;
    static constexpr std::size_t maxBytes = 256 << 10; // of all; a larger statement is not kept

    // The statement of exactly this text, no longer kept; null when there is none.
    OwnStatement acquire(std::string_view sql);
    // Resets it, so that it holds no row, no lock and no parameter.
    void keep(OwnStatement statement);
    void clear() noexcept { kept_.clear(); }
    std::size_t size() const { return kept_.size(); }

private:
    struct Kept {
        OwnStatement statement;
        std::size_t bytes; // as SQLite says, its text included
    };
    std::size_t bytes() const;

    std::vector<Kept> kept_; // the one used last is at the end
};

} // namespace gatehouse::sql
