#include "tokens/token_refusals.hpp"

#include "base/time_text.hpp"
#include "tokens/token_tables.hpp"

namespace gatehouse {

namespace {

constexpr const char* refusalTables = R"(
CREATE TABLE IF NOT EXISTS refusals (
  token TEXT NOT NULL, reason TEXT NOT NULL, tool TEXT NOT NULL, peer TEXT NOT NULL,
  client TEXT NOT NULL, at BIGINT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (token, reason, tool, peer)
) {flat};
CREATE INDEX IF NOT EXISTS refusals_by_time ON refusals (token, at);
CREATE INDEX IF NOT EXISTS latest_refusals ON refusals (at);
)";

std::string cut(const std::string& name) { return name.substr(0, TokenRefusals::maxName); }

Json rowOf(const SqlStatement& row) {
    return {{"at", rfc3339(WallTime(std::chrono::seconds(row.number(4))))},
            {"reason", std::string(row.text(0))},
            {"tool", std::string(row.text(1))},
            {"address", std::string(row.text(2))},
            {"client", std::string(row.text(3))},
            {"count", row.number(5)}};
}

} // namespace

TokenRefusals::TokenRefusals(const SqlSource& source, const Clock& clock, IdOf idOf)
    : source_(source), clock_(clock), idOf_(std::move(idOf)), writing_(source, [this](SqlDatabase& database) {
          database.transaction([&] { database.define(refusalTables); });
          SqlStatement(database, "DELETE FROM refusals WHERE at<?1")
              .number(1, secondsOf(clock_.wall()) - keptDays * 86400)
              .run();
      }) {}

void TokenRefusals::record(const TokenRefusal& refusal) {
    const std::lock_guard lock(mutex_);
    Key key{refusal.tokenId, refusal.digest, refusal.reason, cut(refusal.tool), refusal.peer};
    if (pending_.size() >= maxPending && pending_.count(key) == 0) return;
    Counted& counted = pending_[std::move(key)];
    ++counted.count;
    counted.at = clock_.wall();
    counted.client = cut(refusal.client);
}

void TokenRefusals::prepare() {
    writing_.use([](SqlDatabase&) {});
}

void TokenRefusals::flush() {
    Pending pending;
    {
        const std::lock_guard lock(mutex_);
        std::swap(pending, pending_);
    }
    std::map<Key, std::string> ids;
    for (const auto& [key, counted] : pending) {
        const auto& [id, digest, reason, tool, peer] = key;
        if (const auto known = id.empty() ? idOf_({digest, counted.count, peer, counted.client}) : id)
            ids[key] = *known;
    }
    if (ids.empty()) return;
    writing_.use([&](SqlDatabase& database) {
        database.transaction([&] {
            for (const auto& [key, id] : ids) write(database, id, key, pending[key]);
        });
    });
}

void TokenRefusals::write(SqlDatabase& database, const std::string& id, const Key& key, const Counted& counted) const {
    SqlStatement(database,
                 "INSERT INTO refusals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (token, "
                 "reason, tool, peer) DO UPDATE SET client=?5, at=?6, count=refusals.count+?7")
        .text(1, id)
        .text(2, std::get<2>(key))
        .text(3, std::get<3>(key))
        .text(4, std::get<4>(key))
        .text(5, counted.client)
        .number(6, secondsOf(counted.at))
        .number(7, counted.count)
        .run();
    SqlStatement(database,
                 "DELETE FROM refusals WHERE token=?1 AND (reason, tool, peer) NOT IN (SELECT reason, "
                 "tool, peer FROM refusals WHERE token=?1 ORDER BY at DESC LIMIT ?2)")
        .text(1, id)
        .number(2, static_cast<std::int64_t>(keptOfToken))
        .run();
}

Json TokenRefusals::of(const std::string& tokenId) const {
    Json out = Json::array();
    if (!source_.exists()) return out;
    writing_.use([&](SqlDatabase& database) {
        SqlStatement rows(database,
                          "SELECT reason, tool, peer, client, at, count FROM refusals WHERE token=?1 "
                          "ORDER BY at DESC");
        for (rows.text(1, tokenId); rows.next();) out.push_back(rowOf(rows));
    });
    return out;
}

Json TokenRefusals::latest() const {
    Json out = Json::array();
    if (!source_.exists()) return out;
    writing_.use([&](SqlDatabase& database) {
        SqlStatement rows(database,
                          "SELECT reason, tool, peer, client, at, count, token FROM refusals ORDER BY at DESC, "
                          "token LIMIT ?1");
        for (rows.number(1, static_cast<std::int64_t>(mostShown)); rows.next();) {
            out.push_back(rowOf(rows));
            out.back()["id"] = std::string(rows.text(6));
        }
    });
    return out;
}

} // namespace gatehouse
