#include "statement_cache.hpp"

#include <algorithm>
#include <utility>

#include <sqlite3.h>

namespace gatehouse::sql {

void StatementEnd::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

OwnStatement StatementCache::acquire(std::string_view sql) {
    const auto found = std::find_if(kept_.begin(), kept_.end(),
                                    [&](const Kept& kept) { return sqlite3_sql(kept.statement.get()) == sql; });
    if (found == kept_.end()) return nullptr;
    OwnStatement statement = std::move(found->statement);
    kept_.erase(found);
    return statement;
}

void StatementCache::keep(OwnStatement statement) {
    sqlite3_reset(statement.get());
    sqlite3_clear_bindings(statement.get());
    const int bytes = sqlite3_stmt_status(statement.get(), SQLITE_STMTSTATUS_MEMUSED, 0);
    kept_.push_back({std::move(statement), static_cast<std::size_t>(bytes)});
    while (kept_.size() > maxStatements || this->bytes() > maxBytes) kept_.erase(kept_.begin());
}

std::size_t StatementCache::bytes() const {
    std::size_t sum = 0;
    for (const Kept& kept : kept_) sum += kept.bytes;
    return sum;
}

} // namespace gatehouse::sql
