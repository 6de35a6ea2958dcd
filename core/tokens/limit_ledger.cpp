#include "tokens/limit_ledger.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "tokens/token_store.hpp"
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

LimitLedger::LimitLedger(const SqlSource& source, const Clock& clock, std::function<bool()> isTrusted)
    : clock_(clock), isTrusted_(std::move(isTrusted)), database_(source, defineSlices) {}

std::int64_t LimitLedger::stepOf(LimitWindow window, WallTime time) {
    const std::int64_t seconds = shapeOf(window).seconds;
    return seconds == 0 ? 0 : secondsOf(time) / seconds;
}

void LimitLedger::add(SqlDatabase& database, const Step& step, std::int64_t calls) const {
    if (calls == 0) return;
    SqlStatement(database,
                 "INSERT INTO slices VALUES (?1, ?2, ?3, ?4) ON CONFLICT (token, kind, step) DO UPDATE SET "
                 "taken=slices.taken+?4")
        .text(1, std::get<0>(step))
        .number(2, kindOf(std::get<1>(step)))
        .number(3, std::get<2>(step))
        .number(4, calls)
        .run();
}

std::int64_t LimitLedger::unwrittenOf(const LimitWish& wish, std::int64_t since) const {
    std::int64_t out = 0;
    for (auto at = unwritten_.lower_bound({wish.tokenId, wish.window, since});
         at != unwritten_.end() && std::get<0>(at->first) == wish.tokenId && std::get<1>(at->first) == wish.window;
         ++at)
        out += at->second;
    return out;
}

LimitGrant LimitLedger::stateOf(SqlDatabase& database, const LimitWish& wish) const {
    const WindowShape shape = shapeOf(wish.window);
    LimitGrant out{.step = stepOf(wish.window, clock_.wall())};
    const std::int64_t since = out.step - shape.steps;
    SqlStatement sum(database,
                     "SELECT coalesce(sum(taken), 0), coalesce(min(step), ?4) FROM slices WHERE token=?1 AND "
                     "kind=?2 AND step>=?3 AND taken>0");
    sum.text(1, wish.tokenId).number(2, kindOf(wish.window)).number(3, since).number(4, out.step).next();
    const std::int64_t taken = sum.number(0) + unwrittenOf(wish, since);
    out.remaining = std::max<std::int64_t>(0, wish.limit - taken);
    if (taken > 0 && shape.seconds > 0)
        out.resets = std::chrono::seconds((sum.number(1) + shape.steps + 1) * shape.seconds - secondsOf(clock_.wall()));
    if (wish.window == LimitWindow::hour) out.resets = std::min(out.resets, longestWait);
    return out;
}

LimitGrant LimitLedger::grant(SqlDatabase& database, const LimitWish& wish) const {
    LimitGrant out = stateOf(database, wish);
    out.calls = sliceOf(wish, out.remaining);
    out.remaining -= out.calls;
    return out;
}

std::vector<LimitGrant> LimitLedger::takeWritten(SqlDatabase& database, const std::vector<LimitWish>& wishes) {
    std::vector<LimitGrant> out;
    for (const LimitWish& wish : wishes) {
        add(database, {wish.tokenId, wish.window, wish.unusedStep}, -wish.unused);
        out.push_back(grant(database, wish));
        add(database, {wish.tokenId, wish.window, out.back().step}, out.back().calls);
        SqlStatement(database, "DELETE FROM slices WHERE token=?1 AND kind=?2 AND step<?3")
            .text(1, wish.tokenId)
            .number(2, kindOf(wish.window))
            .number(3, out.back().step - shapeOf(wish.window).steps)
            .run();
    }
    return out;
}

std::vector<LimitGrant> LimitLedger::takeUnwritten(SqlDatabase& database, const std::vector<LimitWish>& wishes) {
    std::vector<LimitGrant> out;
    for (const LimitWish& wish : wishes) {
        if (wish.unused != 0) unwrittenIn(wish, wish.unusedStep) -= wish.unused;
        out.push_back(grant(database, wish));
        unwrittenIn(wish, out.back().step) += out.back().calls;
    }
    return out;
}

std::int64_t& LimitLedger::unwrittenIn(const LimitWish& wish, std::int64_t step) {
    if (unwritten_.size() >= maxUnwritten) throw std::length_error("too many tokens call while nothing can be written");
    return unwritten_[{wish.tokenId, wish.window, step}];
}

// How much of a life is left nobody can say.
std::vector<LimitGrant> LimitLedger::takeUnasked(const std::vector<LimitWish>& wishes) {
    for (const LimitWish& wish : wishes)
        if (wish.window == LimitWindow::life) throw TokenStoreUnreachable("how often a token may call cannot be asked");
    std::vector<LimitGrant> out;
    for (const LimitWish& wish : wishes) {
        if (wish.unused != 0) unwrittenIn(wish, wish.unusedStep) -= wish.unused;
        LimitGrant grant{.step = stepOf(wish.window, clock_.wall())};
        std::int64_t& taken = unwrittenIn(wish, grant.step);
        grant.calls = std::max<std::int64_t>(0, std::max<std::int64_t>(wish.limit / 100, 1) - taken);
        taken += grant.calls;
        const std::int64_t seconds = shapeOf(wish.window).seconds;
        grant.resets = std::chrono::seconds((grant.step + 1) * seconds - secondsOf(clock_.wall()));
        out.push_back(grant);
    }
    return out;
}

// What could not be written before goes first; it counts twice for nobody.
std::vector<LimitGrant> LimitLedger::take(const std::vector<LimitWish>& wishes) {
    const std::lock_guard lock(mutex_);
    try {
        return takeAsked(wishes);
    } catch (const TokenStoreUnreachable&) {
        if (!isTrusted_ || !isTrusted_()) throw;
        return takeUnasked(wishes);
    }
}

std::vector<LimitGrant> LimitLedger::takeAsked(const std::vector<LimitWish>& wishes) {
    std::vector<LimitGrant> out;
    database_.use([&](SqlDatabase& database) {
        const Steps before = std::exchange(unwritten_, {});
        try {
            database.transaction([&] {
                for (const auto& [step, calls] : before) add(database, step, calls);
                out = takeWritten(database, wishes);
            });
        } catch (const std::exception& fault) {
            unwritten_ = before;
            const auto* system = dynamic_cast<const std::system_error*>(&fault);
            if (!system || system->code() != std::errc::no_space_on_device) throw;
            out = takeUnwritten(database, wishes);
        }
    });
    return out;
}

void LimitLedger::giveBack(const std::vector<LimitWish>& unused) {
    if (unused.empty()) return;
    database_.use([&](SqlDatabase& database) {
        database.transaction([&] {
            for (const LimitWish& one : unused) add(database, {one.tokenId, one.window, one.unusedStep}, -one.unused);
        });
    });
}

LimitGrant LimitLedger::look(const std::string& tokenId, LimitWindow window, std::int64_t limit) {
    LimitGrant out;
    const std::lock_guard lock(mutex_);
    database_.use([&](SqlDatabase& database) {
        out = stateOf(database, {.tokenId = tokenId, .window = window, .limit = limit});
    });
    return out;
}

} // namespace gatehouse
