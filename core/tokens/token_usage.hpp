// TokenUsage: how often each token was used, for what, when and from where.
//
// Counted in memory and written behind, with flush(): a call costs no write. What others wrote of the same source
// counts as well. At a crash what was counted since the last flush is lost.
// Bounded: a token has at most maxTools names of tools a day, the rest is counted together; days are kept for keptDays.
// Threads: any; flush() and the questions block on the source.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/json.hpp>

#include "base/clock.hpp"
#include "tokens/sql_connection.hpp"
#include "tokens/token_view.hpp"
#include "tokens/use_counter.hpp"

namespace gatehouse {

class TokenUsage {
public:
    static constexpr std::size_t maxTools = 100;
    static constexpr std::int64_t keptDays = 400;

    // Nothing is opened or made before there is something to write or to read, or prepare() is called. The source
    // outlives it.
    TokenUsage(const SqlSource& source, const Clock& clock);

    // Opens the source, or makes it: a fault is told at a start, not at the first call. Throws as flush() does.
    void prepare();

    void record(const TokenCall& call);
    // Writes what was counted. What cannot be written is kept, and tried again. Throws TokenStoreError, or a
    // std::system_error.
    void flush();

    TokenUse of(const TokenEntry& entry) const;
    // {usage_count, last_used_at, days: [...], tools: [...], generations: [...]}
    Json report(const std::string& tokenId) const;

private:
    void write(SqlDatabase& database, const UseCounter::Tokens& counted) const;
    class Report;
    void readInto(Report& report, const std::string& tokenId) const;
    void countInto(Report& report, const std::string& tokenId) const;

    const SqlSource& source_;
    const Clock& clock_;
    mutable std::mutex mutex_; // guards what is counted
    UseCounter counted_;
    mutable SqlConnection writing_, reading_; // looks do not wait for a write
};

} // namespace gatehouse
