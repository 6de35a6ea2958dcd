// LimitLedger: how often tokens call, counted by all processes of a store together.
//
// A process takes calls in advance, a slice at a time, and no write is needed while it lasts. A slice belongs to the
// step of its window that it was taken in: a minute of the hour, a second of the burst. What is left of it at the end
// of its step is given back when the next one is taken. So no span of the window's length ever holds more than the
// limit, in all processes together; what one of them has taken and not used is at most a hundredth of it.
// At a crash what was taken and not used counts as used. While there is no space to write, each process counts what it
// takes by itself, beside what is written, and writes it down when there is. Within the grace of a source that cannot
// be asked, a process takes one slice of a step by itself, and nothing of a token's life.
// Threads: any; it blocks on the source.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.hpp"
#include "tokens/sql_connection.hpp"

namespace gatehouse {

enum class LimitWindow {
    hour,  // any 60 minutes
    burst, // any 10 seconds
    life,  // as long as the token lives
};

// A slice that is asked for. What is left of the one before is given back.
struct LimitWish {
    std::string tokenId;
    LimitWindow window = LimitWindow::hour;
    std::int64_t limit = 0;      // of calls in the window
    std::int64_t calls = 1;      // as many at least, where there are as many
    std::int64_t unusedStep = 0; // the step that `unused` were taken in
    std::int64_t unused = 0;
};

struct LimitGrant {
    std::int64_t step = 0;          // that it holds in
    std::int64_t calls = 0;         // 0: there is none left
    std::int64_t remaining = 0;     // for all others, after it
    std::chrono::seconds resets{0}; // until a call of the window is over; 0: there was none, or it never is
};

class LimitLedger {
public:
    // Both outlive it. `isTrusted`: what is known of a source that cannot be asked holds for now; none: it never does.
    LimitLedger(const SqlSource& source, const Clock& clock, std::function<bool()> isTrusted = {});

    void prepare() {
        database_.use([](SqlDatabase&) {});
    } // as TokenUsage does
    // One grant for each wish, in one transaction. Throws as SqlConnection does.
    std::vector<LimitGrant> take(const std::vector<LimitWish>& wishes);
    void giveBack(const std::vector<LimitWish>& unused);
    // What is left in the window, beside what processes have taken.
    LimitGrant look(const std::string& tokenId, LimitWindow window, std::int64_t limit);

    // The step of a window at a time.
    static std::int64_t stepOf(LimitWindow window, WallTime time);

private:
    using Step = std::tuple<std::string, LimitWindow, std::int64_t>; // of a token and a window
    using Steps = std::map<Step, std::int64_t>;                      // calls that were taken
    static constexpr std::size_t maxUnwritten = 100'000;
    std::vector<LimitGrant> takeWritten(SqlDatabase& database, const std::vector<LimitWish>& wishes);
    std::vector<LimitGrant> takeUnwritten(SqlDatabase& database, const std::vector<LimitWish>& wishes);
    std::vector<LimitGrant> takeAsked(const std::vector<LimitWish>& wishes);
    std::vector<LimitGrant> takeUnasked(const std::vector<LimitWish>& wishes);
    std::int64_t& unwrittenIn(const LimitWish& wish, std::int64_t step);
    LimitGrant grant(SqlDatabase& database, const LimitWish& wish) const;
    LimitGrant stateOf(SqlDatabase& database, const LimitWish& wish) const;
    std::int64_t unwrittenOf(const LimitWish& wish, std::int64_t since) const;
    void add(SqlDatabase& database, const Step& step, std::int64_t calls) const;

    const Clock& clock_;
    const std::function<bool()> isTrusted_;
    std::mutex mutex_; // guards unwritten_; before the database's own
    Steps unwritten_;
    SqlConnection database_;
};

} // namespace gatehouse
