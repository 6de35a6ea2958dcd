#include "tokens/token_usage.hpp"

#include <filesystem>
#include <tuple>

#include "base/time_text.hpp"
#include "tokens/sqlite_tables.hpp"

namespace gatehouse {

namespace {

constexpr const char* otherTools = "(other)";
constexpr const char* useTables = R"(
CREATE TABLE IF NOT EXISTS days (
  token TEXT NOT NULL, generation INTEGER NOT NULL, day INTEGER NOT NULL, tool TEXT NOT NULL,
  ok INTEGER NOT NULL, error INTEGER NOT NULL, refused INTEGER NOT NULL,
  PRIMARY KEY (token, generation, day, tool)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last (
  token TEXT NOT NULL, generation INTEGER NOT NULL, at INTEGER NOT NULL,
  peer TEXT NOT NULL, client TEXT NOT NULL, tool TEXT NOT NULL,
  PRIMARY KEY (token, generation)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS minutes (
  token TEXT NOT NULL, minute INTEGER NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY (token, minute)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS minutes_by_time ON minutes (minute);
)";

std::int64_t dayOf(WallTime time) { return secondsOf(time) / 86400; }

std::int64_t minuteOf(WallTime time) { return secondsOf(time) / 60; }

std::string dateOf(std::int64_t day) { return date(WallTime(std::chrono::seconds(day * 86400))); }

} // namespace

bool TokenUsage::Key::operator<(const Key& other) const {
    return std::tie(tokenId, generation, day, tool) < std::tie(other.tokenId, other.generation, other.day, other.tool);
}

void UseCounts::add(const UseCounts& more) {
    ok += more.ok;
    error += more.error;
    refused += more.refused;
}

// A name that a caller made up is not one of the tools: refused calls are counted together.
void TokenUsage::record(const TokenCall& call) {
    const WallTime now = clock_.wall();
    Key key{std::string(call.tokenId), call.generation, dayOf(now), std::string(call.tool)};
    if (call.kind == UseKind::refused && !call.tool.empty()) key.tool = otherTools;
    const std::lock_guard lock(mutex_);
    if (counted_.rows.size() >= maxRows && counted_.rows.count(key) == 0) return; // nothing could be written for long
    counted_.rows[key].add(call.kind);
    if (call.kind != UseKind::refused) ++counted_.minutes[{key.tokenId, minuteOf(now)}];
    counted_.lasts[{key.tokenId, key.generation}] = {now, std::string(call.peer),
                                                     std::string(call.client.substr(0, 200)), std::move(key.tool)};
}

SqliteDatabase& TokenUsage::opened() const {
    if (!database_) {
        auto database = std::make_unique<SqliteDatabase>(file_, SqliteDatabase::Mode::create);
        database->run("PRAGMA synchronous=NORMAL");
        database->run(useTables);
        SqliteStatement(*database, "DELETE FROM days WHERE day<?1").number(1, dayOf(clock_.wall()) - keptDays).run();
        database_ = std::move(database);
    }
    return *database_;
}

// Looks have a connection of their own: they do not wait for a write. False: there is nothing to look at.
bool TokenUsage::openReader() const {
    if (reader_) return true;
    if (!std::filesystem::exists(file_)) return false;
    auto reader = std::make_unique<SqliteDatabase>(file_, SqliteDatabase::Mode::write);
    reader->run(useTables);
    reader_ = std::move(reader);
    return true;
}

void TokenUsage::prepare() {
    const std::scoped_lock lock(writing_, reading_);
    opened();
    openReader();
}

void TokenUsage::flush() {
    Counted counted;
    {
        const std::lock_guard lock(mutex_);
        std::swap(counted, counted_);
    }
    if (counted.rows.empty() && counted.lasts.empty()) return;
    try {
        const std::lock_guard lock(writing_);
        SqliteDatabase& database = opened();
        database.transaction([&] { write(database, counted); });
    } catch (const std::exception&) {
        giveBack(std::move(counted));
        throw;
    }
}

void TokenUsage::giveBack(Counted counted) {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, counts] : counted.rows) counted_.rows[key].add(counts);
    for (const auto& [key, calls] : counted.minutes) counted_.minutes[key] += calls;
    counted_.lasts.merge(counted.lasts); // those that are there are later
}

// A tool beyond the most of a day is counted with the others.
void TokenUsage::write(SqliteDatabase& database, const Counted& counted) const {
    SqliteStatement isRoom(database,
                           "SELECT count(*) < ?4 OR sum(tool=?5) > 0 FROM days WHERE token=?1 AND "
                           "generation=?2 AND day=?3");
    SqliteStatement add(database,
                        "INSERT INTO days VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET "
                        "ok=ok+?5, error=error+?6, refused=refused+?7");
    for (const auto& [key, counts] : counted.rows) {
        const auto generation = static_cast<std::int64_t>(key.generation);
        isRoom.text(1, key.tokenId).number(2, generation).number(3, key.day);
        isRoom.number(4, static_cast<std::int64_t>(maxTools)).text(5, key.tool).next();
        const std::string tool = isRoom.number(0) != 0 ? key.tool : otherTools;
        isRoom.reset();
        add.text(1, key.tokenId).number(2, generation).number(3, key.day).text(4, tool);
        add.number(5, counts.ok).number(6, counts.error).number(7, counts.refused).run();
    }
    SqliteStatement last(database,
                         "INSERT INTO last VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET at=?3, "
                         "peer=?4, client=?5, tool=?6 WHERE at<=?3");
    for (const auto& [key, one] : counted.lasts)
        last.text(1, key.first)
            .number(2, static_cast<std::int64_t>(key.second))
            .number(3, secondsOf(one.at))
            .text(4, one.peer)
            .text(5, one.client)
            .text(6, one.tool)
            .run();
    SqliteStatement minute(database,
                           "INSERT INTO minutes VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET calls=calls+?3");
    for (const auto& [key, calls] : counted.minutes)
        minute.text(1, key.first).number(2, key.second).number(3, calls).run();
    SqliteStatement(database, "DELETE FROM minutes WHERE minute<?1").number(1, minuteOf(clock_.wall()) - 61).run();
}

// What was counted of one token, by day, by tool and by generation.
class TokenUsage::Report {
public:
    void count(std::uint64_t generation, std::int64_t day, const std::string& tool, const UseCounts& more) {
        days_[day].add(more);
        tools_[tool].add(more);
        generations_[generation].add(more);
    }
    void last(std::uint64_t generation, LastUse use) { lasts_[generation] = std::move(use); }

    Json json() const {
        std::int64_t total = 0;
        WallTime latest{};
        for (const auto& [day, counts] : days_) total += counts.sum();
        for (const auto& [generation, use] : lasts_) latest = std::max(latest, use.at);
        Json days = Json::array(), tools = Json::array(), generations = Json::array();
        for (const auto& [day, counts] : days_) days.push_back(row("day", dateOf(day), counts));
        for (const auto& [tool, counts] : tools_) tools.push_back(row("tool", tool, counts));
        for (const auto& [generation, counts] : generations_) generations.push_back(generationRow(generation, counts));
        return {{"usage_count", total},
                {"last_used_at", latest == WallTime{} ? Json() : Json(rfc3339(latest))},
                {"days", days},
                {"tools", tools},
                {"generations", generations}};
    }
    TokenUse use(std::uint64_t generation) const {
        TokenUse out;
        for (const auto& [number, counts] : generations_) out.calls += counts.sum();
        for (const auto& [number, use] : lasts_) out.lastUsedAt = std::max(out.lastUsedAt.value_or(use.at), use.at);
        if (const auto before = generations_.find(generation - 1); before != generations_.end())
            out.callsOfPrevious = before->second.sum();
        if (const auto before = lasts_.find(generation - 1); before != lasts_.end())
            out.previousUsedAt = before->second.at;
        return out;
    }

private:
    static Json row(const char* name, const std::string& value, const UseCounts& counts) {
        return {{name, value}, {"ok", counts.ok}, {"error", counts.error}, {"refused", counts.refused}};
    }
    Json generationRow(std::uint64_t generation, const UseCounts& counts) const {
        Json out{{"generation", generation}, {"calls", counts.sum()}, {"last_used_at", Json()}};
        const auto last = lasts_.find(generation);
        if (last == lasts_.end()) return out;
        out["last_used_at"] = rfc3339(last->second.at);
        out["address"] = last->second.peer;
        out["client"] = last->second.client;
        out["tool"] = last->second.tool;
        return out;
    }
    std::map<std::int64_t, UseCounts> days_;
    std::map<std::string, UseCounts> tools_;
    std::map<std::uint64_t, UseCounts> generations_;
    std::map<std::uint64_t, LastUse> lasts_;
};

void TokenUsage::readInto(Report& report, const std::string& tokenId) const {
    const std::lock_guard lock(reading_);
    if (!openReader()) return;
    SqliteStatement rows(*reader_, "SELECT generation, day, tool, ok, error, refused FROM days WHERE token=?1");
    for (rows.text(1, tokenId); rows.next();)
        report.count(static_cast<std::uint64_t>(rows.number(0)), rows.number(1), std::string(rows.text(2)),
                     {rows.number(3), rows.number(4), rows.number(5)});
    SqliteStatement last(*reader_, "SELECT generation, at, peer, client, tool FROM last WHERE token=?1");
    for (last.text(1, tokenId); last.next();)
        report.last(static_cast<std::uint64_t>(last.number(0)),
                    {WallTime(std::chrono::seconds(last.number(1))), std::string(last.text(2)),
                     std::string(last.text(3)), std::string(last.text(4))});
}

// What is not written yet.
void TokenUsage::countInto(Report& report, const std::string& tokenId) const {
    const std::lock_guard lock(mutex_);
    for (auto row = counted_.rows.lower_bound({tokenId, 0, 0, ""});
         row != counted_.rows.end() && row->first.tokenId == tokenId; ++row)
        report.count(row->first.generation, row->first.day, row->first.tool, row->second);
    for (auto last = counted_.lasts.lower_bound({tokenId, 0});
         last != counted_.lasts.end() && last->first.first == tokenId; ++last)
        report.last(last->first.second, last->second);
}

Json TokenUsage::report(const std::string& tokenId) const {
    Report report;
    readInto(report, tokenId);
    countInto(report, tokenId);
    return report.json();
}

TokenUse TokenUsage::of(const TokenEntry& entry) const {
    Report report;
    readInto(report, entry.record.id);
    countInto(report, entry.record.id);
    return report.use(entry.generation);
}

RecentUse TokenUsage::recent(const std::string& tokenId) const {
    RecentUse out;
    const std::int64_t now = minuteOf(clock_.wall());
    const auto count = [&](std::int64_t minute, std::int64_t calls) {
        const auto ago = static_cast<std::size_t>(std::max<std::int64_t>(0, now - minute));
        if (ago < out.byMinute.size()) out.byMinute[ago] += calls;
    };
    {
        const std::lock_guard lock(reading_);
        if (openReader()) {
            SqliteStatement minutes(*reader_, "SELECT minute, calls FROM minutes WHERE token=?1");
            for (minutes.text(1, tokenId); minutes.next();) count(minutes.number(0), minutes.number(1));
            SqliteStatement total(*reader_, "SELECT coalesce(sum(ok + error), 0) FROM days WHERE token=?1");
            total.text(1, tokenId).next();
            out.total = total.number(0);
        }
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [key, calls] : counted_.minutes) {
        if (key.first != tokenId) continue;
        count(key.second, calls);
        out.total += calls;
    }
    return out;
}

} // namespace gatehouse
