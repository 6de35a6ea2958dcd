// Connections to a PostgreSQL server, and what libpq says of them.
//
// Threads: any; a connection is used by one at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>

struct pg_conn;
struct pg_result;

namespace gatehouse {

struct PostgresClose {
    void operator()(pg_conn* connection) const;
    void operator()(pg_result* result) const;
};
using PostgresHandle = std::unique_ptr<pg_conn, PostgresClose>;
using PostgresResult = std::unique_ptr<pg_result, PostgresClose>;

// A connection that is open and has the store's schema in its path. A server that has as many connections as it takes
// is asked again for as long as `patience`. Throws TokenStoreError.
PostgresHandle openPostgres(const std::string& url, const std::string& name, std::chrono::milliseconds patience);

// The first line of an error: the rest repeats statements.
std::string postgresWords(const char* message);

} // namespace gatehouse
