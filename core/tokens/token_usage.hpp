// TokenUsage: how often each token was used, for what, when and from where.
//
// Counted in memory and written behind, with flush(): a call costs no write. What others wrote of the same file counts
// as well. At a crash what was counted since the last flush is lost.
// Bounded: a token has at most maxTools names of tools a day, the rest is counted together; days are kept for keptDays.
// Threads: any; flush() and the questions block on the file.
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
#include "tokens/sqlite_database.hpp"
#include "tokens/token_view.hpp"

namespace gatehouse {

enum class UseKind { ok, error, refused };

// Views live for the call.
struct TokenCall {
    std::string_view tokenId;
    std::uint64_t generation = 1; // of the text that was shown
    std::string_view tool;        // empty: no tool
    UseKind kind = UseKind::ok;
    std::string_view peer = {};
    std::string_view client = {}; // as it calls itself
};

struct UseCounts {
    std::int64_t ok = 0, error = 0, refused = 0;

    void add(UseKind kind) { ++(kind == UseKind::ok ? ok : kind == UseKind::error ? error : refused); }
    void add(const UseCounts& more);
    std::int64_t sum() const { return ok + error + refused; }
};

struct LastUse {
    WallTime at{};
    std::string peer, client, tool;
};

struct RecentUse {
    std::int64_t total = 0;
    std::vector<std::int64_t> byMinute = std::vector<std::int64_t>(61);
};

class TokenUsage {
public:
    static constexpr std::size_t maxTools = 100;
    static constexpr std::int64_t keptDays = 400;
    static constexpr std::size_t maxRows = 100'000; // that are not written yet

    // Nothing is opened or made before there is something to write or to read, or prepare() is called.
    TokenUsage(std::string file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}

    // Opens the file, or makes it: a fault is told at a start, not at the first call. Throws as flush() does.
    void prepare();

    void record(const TokenCall& call);
    // Writes what was counted. What cannot be written is kept, and tried again. Throws TokenStoreError, or a
    // std::system_error.
    void flush();

    TokenUse of(const TokenEntry& entry) const;
    // Calls that were not refused: in all, and by minute, the present one first, as far back as an hour.
    RecentUse recent(const std::string& tokenId) const;
    // {usage_count, last_used_at, days: [...], tools: [...], generations: [...]}
    Json report(const std::string& tokenId) const;

private:
    struct Key { // of a row
        std::string tokenId;
        std::uint64_t generation;
        std::int64_t day; // since 1970
        std::string tool;
        bool operator<(const Key& other) const;
    };
    using Rows = std::map<Key, UseCounts>;
    using Minutes =
        std::map<std::pair<std::string, std::int64_t>, std::int64_t>; // calls by token and minute since 1970
    using Lasts = std::map<std::pair<std::string, std::uint64_t>, LastUse>;
    struct Counted {
        Rows rows;
        Lasts lasts;
        Minutes minutes;
    };
    void write(SqliteDatabase& database, const Counted& counted) const;
    SqliteDatabase& opened() const;
    bool openReader() const;
    class Report;
    void readInto(Report& report, const std::string& tokenId) const;
    void countInto(Report& report, const std::string& tokenId) const;
    void giveBack(Counted counted);

    const std::string file_;
    const Clock& clock_;
    mutable std::mutex mutex_; // guards what is counted
    Counted counted_;
    mutable std::mutex writing_; // guards the file
    mutable std::unique_ptr<SqliteDatabase> database_;
    mutable std::mutex reading_; // guards the reader
    mutable std::unique_ptr<SqliteDatabase> reader_;
};

} // namespace gatehouse
