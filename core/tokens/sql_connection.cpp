#include "tokens/sql_connection.hpp"

namespace gatehouse {

void SqlConnection::use(const Work& work) {
    const std::lock_guard lock(mutex_);
    if (database_ && !database_->isAlive()) database_.reset();
    if (!database_) {
        auto fresh = source_.open(SqlSource::Mode::create);
        opened_(*fresh);
        database_ = std::move(fresh);
    }
    work(*database_);
}

} // namespace gatehouse
