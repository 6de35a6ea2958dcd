#include "tokens/token_usage.hpp"

#include "base/time_text.hpp"
#include "tokens/token_tables.hpp"

namespace gatehouse {

namespace {

constexpr const char* useTables = R"(
CREATE TABLE IF NOT EXISTS days (
  token TEXT NOT NULL, generation BIGINT NOT NULL, day BIGINT NOT NULL, tool TEXT NOT NULL,
  ok BIGINT NOT NULL, error BIGINT NOT NULL, refused BIGINT NOT NULL,
  PRIMARY KEY (token, generation, day, tool)
) {flat};
CREATE TABLE IF NOT EXISTS last (
  token TEXT NOT NULL, generation BIGINT NOT NULL, at BIGINT NOT NULL,
  peer TEXT NOT NULL, client TEXT NOT NULL, tool TEXT NOT NULL,
  PRIMARY KEY (token, generation)
) {flat};
CREATE TABLE IF NOT EXISTS late_calls (
  token TEXT NOT NULL, generation BIGINT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (token, generation)
) {flat};
)";

WallTime beginOf(std::int64_t day) { return WallTime(std::chrono::seconds(day * 86400)); }
std::string dateOf(std::int64_t day) { return date(beginOf(day)); }

void defineUse(SqlDatabase& database) {
    database.transaction([&] { database.define(useTables); });
}

} // namespace

TokenUsage::TokenUsage(const SqlSource& source, const Clock& clock)
    : source_(source), clock_(clock),
      writing_(
          source,
          [this](SqlDatabase& database) {
              defineUse(database);
              SqlStatement(database, "DELETE FROM days WHERE day<?1").number(1, dayOf(clock_.wall()) - keptDays).run();
          }),
      reading_(source, defineUse) {}

void TokenUsage::record(const TokenCall& call) {
    const WallTime now = clock_.wall();
    const std::lock_guard lock(mutex_);
    counted_.add(call, now);
}

void TokenUsage::prepare() {
    for (SqlConnection* connection : {&writing_, &reading_}) connection->use([](SqlDatabase&) {});
}

void TokenUsage::flush() {
    UseCounter::Tokens counted;
    {
        const std::lock_guard lock(mutex_);
        counted = counted_.take();
    }
    if (counted.empty()) return;
    try {
        writing_.use([&](SqlDatabase& database) { database.transaction([&] { write(database, counted); }); });
    } catch (const std::exception&) {
        const std::lock_guard lock(mutex_);
        counted_.giveBack(std::move(counted));
        throw;
    }
}

// A tool beyond the most of a day is counted with the others.
void TokenUsage::write(SqlDatabase& database, const UseCounter::Tokens& counted) const {
    SqlStatement isRoom(database,
                        "SELECT count(*) < ?4 OR count(*) FILTER (WHERE tool=?5) > 0 FROM days WHERE token=?1 "
                        "AND generation=?2 AND day=?3");
    SqlStatement add(database,
                     "INSERT INTO days VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (token, generation, day, "
                     "tool) DO UPDATE SET ok=days.ok+?5, error=days.error+?6, refused=days.refused+?7");
    SqlStatement last(database,
                      "INSERT INTO last VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (token, generation) DO "
                      "UPDATE SET at=?3, peer=?4, client=?5, tool=?6 WHERE last.at<=?3");
    SqlStatement late(database,
                      "INSERT INTO late_calls VALUES (?1, ?2, ?3) ON CONFLICT (token, generation) DO UPDATE "
                      "SET count=late_calls.count+?3");
    for (const auto& [id, token] : counted) {
        for (const UseCounter::Row& row : token.rows) {
            const auto generation = static_cast<std::int64_t>(row.generation);
            isRoom.text(1, id).number(2, generation).number(3, row.day);
            isRoom.number(4, static_cast<std::int64_t>(maxTools)).text(5, row.tool).next();
            const std::string tool = isRoom.number(0) != 0 ? row.tool : std::string(otherTools);
            isRoom.reset();
            add.text(1, id).number(2, generation).number(3, row.day).text(4, tool);
            add.number(5, row.counts.ok).number(6, row.counts.error).number(7, row.counts.refused).run();
        }
        for (const UseCounter::Last& one : token.lasts) {
            const auto generation = static_cast<std::int64_t>(one.generation);
            last.text(1, id).number(2, generation).number(3, secondsOf(one.use.at));
            last.text(4, one.use.peer).text(5, one.use.client).text(6, one.use.tool).run();
            if (one.late > 0) late.text(1, id).number(2, generation).number(3, one.late).run();
        }
    }
}

// What was counted of one token, by day, by tool and by generation.
class TokenUsage::Report {
public:
    void count(std::uint64_t generation, std::int64_t day, const std::string& tool, const UseCounts& more) {
        days_[day].add(more);
        if (more.ok + more.error > 0) lastAdmittedDay_ = std::max(lastAdmittedDay_.value_or(day), day);
        if (!tool.empty()) tools_[tool].add(more); // else it was refused before one was reached
        generations_[generation].add(more);
    }
    void last(std::uint64_t generation, LastUse use) { lasts_[generation] = std::move(use); }
    void late(std::uint64_t generation, std::int64_t calls) { lates_[generation] += calls; }

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
        if (lastAdmittedDay_ && out.lastUsedAt)
            out.admittedAt = std::min(*out.lastUsedAt, beginOf(*lastAdmittedDay_ + 1));
        if (const auto before = lates_.find(generation - 1); before != lates_.end())
            out.callsOfPrevious = before->second;
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
    std::optional<std::int64_t> lastAdmittedDay_;
    std::map<std::string, UseCounts> tools_;
    std::map<std::uint64_t, UseCounts> generations_;
    std::map<std::uint64_t, LastUse> lasts_;
    std::map<std::uint64_t, std::int64_t> lates_; // after the rotation
};

void TokenUsage::readInto(Report& report, const std::string& tokenId) const {
    if (!source_.exists()) return;
    reading_.use([&](SqlDatabase& database) {
        SqlStatement rows(database, "SELECT generation, day, tool, ok, error, refused FROM days WHERE token=?1");
        for (rows.text(1, tokenId); rows.next();)
            report.count(static_cast<std::uint64_t>(rows.number(0)), rows.number(1), std::string(rows.text(2)),
                         {rows.number(3), rows.number(4), rows.number(5)});
        SqlStatement last(database, "SELECT generation, at, peer, client, tool FROM last WHERE token=?1");
        for (last.text(1, tokenId); last.next();)
            report.last(static_cast<std::uint64_t>(last.number(0)),
                        {WallTime(std::chrono::seconds(last.number(1))), std::string(last.text(2)),
                         std::string(last.text(3)), std::string(last.text(4))});
        SqlStatement late(database, "SELECT generation, count FROM late_calls WHERE token=?1");
        for (late.text(1, tokenId); late.next();)
            report.late(static_cast<std::uint64_t>(late.number(0)), late.number(1));
    });
}

// What is not written yet.
void TokenUsage::countInto(Report& report, const std::string& tokenId) const {
    const std::lock_guard lock(mutex_);
    const UseCounter::Token* token = counted_.find(tokenId);
    if (!token) return;
    for (const UseCounter::Row& row : token->rows) report.count(row.generation, row.day, row.tool, row.counts);
    for (const UseCounter::Last& last : token->lasts) {
        report.last(last.generation, last.use);
        report.late(last.generation, last.late);
    }
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

} // namespace gatehouse
