#include "tokens/limit_ledger.hpp"

#include <filesystem>
#include <memory>
#include <system_error>

#include <catch2/catch.hpp>

#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"
#include "tokens/sqlite_database.hpp"
#include "tokens/token_store.hpp"

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
    // On the heap: what ThreadSanitizer knows of a mutex on the stack outlives it.
    const std::unique_ptr<LimitLedger> own = std::make_unique<LimitLedger>(source, clock);
    LimitLedger& ledger = *own;
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
    const LimitWish back{
        .tokenId = "a", .window = LimitWindow::hour, .limit = 10, .unusedStep = slice.step, .unused = 4};
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

namespace {

// A database on a full disk, or one that does not answer, when the test says so.
class FullSource final : public SqlSource {
public:
    class Full final : public SqlDatabase {
    public:
        Full(std::unique_ptr<SqlDatabase> own, const FullSource& source) : own_(std::move(own)), source_(source) {}
        void run(const std::string& statements) override { own_->run(statements); }
        std::unique_ptr<PreparedSql> prepare(const char* sql) override { return own_->prepare(sql); }
        void transaction(const std::function<void()>& work) override {
            if (source_.isAway) throw TokenStoreUnreachable("away");
            own_->transaction([&] {
                work();
                if (source_.isFull) throw std::system_error(ENOSPC, std::generic_category(), "full");
            });
        }
        std::int64_t tablesVersion() override { return own_->tablesVersion(); }
        void setTablesVersion(std::int64_t version) override { own_->setTablesVersion(version); }
        void tellChange() override {}
        const SqlWords& words() const override { return own_->words(); }
        const std::string& name() const override { return own_->name(); }
        bool isUsable() const override { return true; }

    private:
        const std::unique_ptr<SqlDatabase> own_;
        const FullSource& source_;
    };
    explicit FullSource(std::string file) : own_(std::move(file)) {}
    std::unique_ptr<SqlDatabase> open(Mode mode) const override {
        return std::make_unique<Full>(own_.open(mode), *this);
    }
    std::unique_ptr<Watch> watch(std::function<void()> changed) const override {
        return own_.watch(std::move(changed));
    }
    bool exists() const override { return own_.exists(); }
    std::vector<std::string> warnings() const override { return {}; }
    const std::string& name() const override { return own_.name(); }
    bool isRemote() const override { return false; }
    bool isFull = false, isAway = false;

private:
    const SqliteSource own_;
};

} // namespace

TEST_CASE("on a full disk the limit holds as well, and what was taken is written when there is space") {
    Site site;
    FullSource source(site.folder.file("full.db"));
    LimitLedger ledger(source, site.clock);
    const auto take = [&](std::int64_t calls) {
        return ledger.take({{.tokenId = "a", .limit = 10, .calls = calls}}).front().calls;
    };
    CHECK(take(3) == 3);
    source.isFull = true;
    CHECK(take(4) == 4);
    CHECK(ledger.look("a", LimitWindow::hour, 10).remaining == 3);
    CHECK(take(5) == 3);
    CHECK(take(1) == 0);
    source.isFull = false;
    CHECK(take(1) == 0);
    LimitLedger other(source, site.clock);
    CHECK(other.look("a", LimitWindow::hour, 20).remaining == 10);
}

TEST_CASE("within the grace of a source that is away a process takes one slice of a minute by itself") {
    Site site;
    site.clock.turn(std::chrono::ceil<std::chrono::minutes>(site.clock.wall()) - site.clock.wall()); // a minute begins
    FullSource source(site.folder.file("away.db"));
    bool isTrusted = true;
    LimitLedger ledger(source, site.clock, [&] { return isTrusted; });
    const auto take = [&](std::int64_t limit, LimitWindow window = LimitWindow::hour) {
        return ledger.take({{.tokenId = "a", .window = window, .limit = limit}}).front();
    };
    CHECK(take(300).calls == 3);
    source.isAway = true;
    CHECK(take(300).calls == 3);
    const LimitGrant none = take(300);
    CHECK(none.calls == 0);
    CHECK(none.resets == 60s);
    CHECK(take(5, LimitWindow::burst).calls == 1);
    CHECK_THROWS_AS(take(5, LimitWindow::life), TokenStoreUnreachable);
    site.clock.turn(1min);
    CHECK(ledger.take({{.tokenId = "a", .limit = 300, .unusedStep = 0, .unused = 0}}).front().calls == 3);
    isTrusted = false;
    site.clock.turn(1min);
    CHECK_THROWS_AS(take(300), TokenStoreUnreachable);
    source.isAway = false;
    take(300); // what was taken meanwhile is written now
    CHECK(LimitLedger(source, site.clock).look("a", LimitWindow::hour, 300).remaining == 300 - 3 - 3 - 3 - 3);
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
