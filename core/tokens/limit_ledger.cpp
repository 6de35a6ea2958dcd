#include "tokens/limit_ledger.hpp"

#include <algorithm>

#include "tokens/token_tables.hpp"

namespace gatehouse {

namespace {

constexpr const char* sliceTables = R"(
CREATE TABLE IF NOT EXISTS slices (
  token TEXT NOT NULL, kind BIGINT NOT NULL, step BIGINT NOT NULL, taken BIGINT NOT NULL,
  PRIMARY KEY (token, kind, step)
) {flat};
)";

// A window slides by whole steps: those before the present one count, and the present one, as far as it has come.
struct WindowShape {
    std::int64_t seconds; // of a step; 0: one step that never ends
    std::int64_t steps;   // that count beside the present one
};

// A window is up to a step longer than the hour that people are told of.
constexpr std::chrono::seconds longestWait{3600};

WindowShape shapeOf(LimitWindow window) {
    switch (window) {
        case LimitWindow::hour: return {60, 60};
        case LimitWindow::burst: return {1, 10};
        case LimitWindow::life: return {0, 0};
    }
    return {0, 0};
}

std::int64_t kindOf(LimitWindow window) { return static_cast<std::int64_t>(window); }

std::int64_t sliceOf(const LimitWish& wish, std::int64_t remaining) {
    return std::min(remaining, std::max(wish.limit / 100, wish.calls));
}

void defineSlices(SqlDatabase& database) {
    database.transaction([&] { database.define(sliceTables); });
}

} // namespace

LimitLedger::LimitLedger(const SqlSource& source, const Clock& clock)
    : clock_(clock), database_(source, defineSlices) {}

std::int64_t LimitLedger::stepOf(LimitWindow window, WallTime time) {
    const std::int64_t seconds = shapeOf(window).seconds;
    return seconds == 0 ? 0 : secondsOf(time) / seconds;
}

void LimitLedger::returnUnused(SqlDatabase& database, const LimitWish& wish) const {
    if (wish.unused == 0) return;
    SqlStatement(database, "UPDATE slices SET taken=taken-?4 WHERE token=?1 AND kind=?2 AND step=?3")
        .text(1, wish.tokenId)
        .number(2, kindOf(wish.window))
        .number(3, wish.unusedStep)
        .number(4, wish.unused)
        .run();
}

LimitGrant LimitLedger::stateOf(SqlDatabase& database, const LimitWish& wish) const {
    const WindowShape shape = shapeOf(wish.window);
    LimitGrant out{.step = stepOf(wish.window, clock_.wall())};
    SqlStatement sum(database, "SELECT coalesce(sum(taken), 0), coalesce(min(step), 0) FROM slices WHERE token=?1 AND "
                               "kind=?2 AND step>=?3 AND taken>0");
    sum.text(1, wish.tokenId).number(2, kindOf(wish.window)).number(3, out.step - shape.steps).next();
    out.remaining = std::max<std::int64_t>(0, wish.limit - sum.number(0));
    const std::int64_t first = sum.number(1);
    if (sum.number(0) > 0 && shape.seconds > 0)
        out.resets = std::chrono::seconds((first + shape.steps + 1) * shape.seconds - secondsOf(clock_.wall()));
    if (wish.window == LimitWindow::hour) out.resets = std::min(out.resets, longestWait);
    return out;
}

LimitGrant LimitLedger::grant(SqlDatabase& database, const LimitWish& wish) const {
    returnUnused(database, wish);
    LimitGrant out = stateOf(database, wish);
    out.calls = sliceOf(wish, out.remaining);
    out.remaining -= out.calls;
    if (out.calls == 0) return out;
    SqlStatement(database, "INSERT INTO slices VALUES (?1, ?2, ?3, ?4) ON CONFLICT (token, kind, step) DO UPDATE SET "
                           "taken=slices.taken+?4")
        .text(1, wish.tokenId)
        .number(2, kindOf(wish.window))
        .number(3, out.step)
        .number(4, out.calls)
        .run();
    SqlStatement(database, "DELETE FROM slices WHERE token=?1 AND kind=?2 AND step<?3")
        .text(1, wish.tokenId)
        .number(2, kindOf(wish.window))
        .number(3, out.step - shapeOf(wish.window).steps)
        .run();
    return out;
}

std::vector<LimitGrant> LimitLedger::take(const std::vector<LimitWish>& wishes) {
    std::vector<LimitGrant> out;
    database_.use([&](SqlDatabase& database) {
        database.transaction([&] {
            out.clear();
            for (const LimitWish& wish : wishes) out.push_back(grant(database, wish));
        });
    });
    return out;
}

void LimitLedger::giveBack(const std::vector<LimitWish>& unused) {
    if (unused.empty()) return;
    database_.use([&](SqlDatabase& database) {
        database.transaction([&] {
            for (const LimitWish& one : unused) returnUnused(database, one);
        });
    });
}

LimitGrant LimitLedger::look(const std::string& tokenId, LimitWindow window, std::int64_t limit) {
    LimitGrant out;
    database_.use([&](SqlDatabase& database) {
        out = stateOf(database, {.tokenId = tokenId, .window = window, .limit = limit});
    });
    return out;
}

} // namespace gatehouse
