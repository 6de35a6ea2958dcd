// SqlConnection: a database that is opened when it is needed, and again after its connection was lost.
// Threads: any; one at a time is let in.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "tokens/sql_database.hpp"

namespace gatehouse {

class SqlConnection {
public:
    using Work = std::function<void(SqlDatabase&)>;
    // `opened` is done to each connection that is opened, before its first use. The source outlives it.
    SqlConnection(const SqlSource& source, Work opened) : source_(source), opened_(std::move(opened)) {}

    // Throws what opening and `work` throw.
    void use(const Work& work);

private:
    const SqlSource& source_;
    const Work opened_;
    std::mutex mutex_; // guards the database
    std::unique_ptr<SqlDatabase> database_;
};

} // namespace gatehouse
