#include "tokens/limit_ledger.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"
#include "tokens/sqlite_database.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site {
    LimitGrant take(std::int64_t limit, std::int64_t calls = 1, LimitWindow window = LimitWindow::hour) {
        return ledger.take({{.tokenId = "a", .window = window, .limit = limit, .calls = calls}}).front();
    }
    ScratchFolder folder;
    TurnableClock clock;
    SqliteSource source{folder.file("use.db")};
    LimitLedger ledger{source, clock};
};

} // namespace

TEST_CASE("a slice is a hundredth of the limit, or what is asked for, or what is left") {
    Site site;
    CHECK(site.take(1000).calls == 10);
    CHECK(site.take(1000, 25).calls == 25);
    const LimitGrant state = site.ledger.look("a", LimitWindow::hour, 1000);
    CHECK(state.remaining == 965);
    CHECK(state.calls == 0);
    CHECK(site.take(1000, 5000).calls == 965);
    const LimitGrant none = site.take(1000);
    CHECK(none.calls == 0);
    CHECK(none.remaining == 0);
    CHECK(none.resets > 0s);
    CHECK(none.resets <= 3600s);
}

TEST_CASE("the minute that a slice was taken in leaves the hour as a whole") {
    Site site;
    site.clock.turn(std::chrono::ceil<std::chrono::minutes>(site.clock.wall()) - site.clock.wall()); // a minute begins
    site.take(10, 4);
    site.clock.turn(1min);
    site.take(10, 6);
    site.clock.turn(59min);
    CHECK(site.take(10).calls == 0);
    site.clock.turn(1min);
    CHECK(site.take(10, 10).calls == 4);
    site.clock.turn(1min);
    CHECK(site.take(10, 10).calls == 6);
}

TEST_CASE("what was not used is there again for all") {
    Site site;
    const LimitGrant slice = site.take(10, 6);
    const LimitWish back{.tokenId = "a", .window = LimitWindow::hour, .limit = 10, .unusedStep = slice.step, .unused = 4};
    site.ledger.giveBack({back});
    CHECK(site.ledger.look("a", LimitWindow::hour, 10).remaining == 8);
    site.ledger.giveBack({});
}

TEST_CASE("windows and tokens are counted each by itself, and a life never begins anew") {
    Site site;
    for (const LimitWindow window : {LimitWindow::hour, LimitWindow::burst, LimitWindow::life})
        CHECK(site.take(5, 5, window).calls == 5);
    CHECK(site.ledger.look("b", LimitWindow::hour, 5).remaining == 5);
    site.clock.turn(11s);
    CHECK(site.take(5, 1, LimitWindow::burst).calls == 1);
    site.clock.turn(24h * 400);
    CHECK(site.take(5, 1, LimitWindow::life).calls == 0);
}

TEST_CASE("another process counts in the same ledger") {
    Site site;
    LimitLedger other(site.source, site.clock);
    CHECK(site.take(5, 3).calls == 3);
    CHECK(other.look("a", LimitWindow::hour, 5).remaining == 2);
}

TEST_CASE("a source that cannot be opened is told, and used again when it can be") {
    Site site;
    std::filesystem::create_directory(site.folder.file("use.db"));
    CHECK_THROWS(site.ledger.prepare());
    std::filesystem::remove(site.folder.file("use.db"));
    CHECK(site.take(5).calls == 1);
}
