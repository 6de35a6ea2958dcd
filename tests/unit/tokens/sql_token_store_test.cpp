#include "tokens/sql_token_store.hpp"

#include <atomic>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "tokens/postgres_database.hpp"
#include "tokens/sqlite_database.hpp"
#include "unit/tokens/token_store_contract.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct SqlSite : TokenStoreSite {
    virtual std::unique_ptr<const SqlSource> source() = 0;
    std::unique_ptr<TokenStore> open() override {
        return std::make_unique<SqlTokenStore>(
            source(), SqlStoreDeps{.clock = clock, .log = log.log, .telemetry = telemetry, .grace = 0ms});
    }
};

struct SqliteStoreSite final : SqlSite {
    std::unique_ptr<const SqlSource> source() override {
        return std::make_unique<SqliteSource>(folder.file("tokens.db"));
    }
    ScratchFolder folder;
};

// A server that the tests may use; they take its schema away.
const char* postgresUrl() { return std::getenv("GATEHOUSE_TEST_POSTGRES"); }

struct PostgresSite final : SqlSite {
    PostgresSite() {
        PostgresDatabase(postgresUrl(), "test", SqlSource::Mode::read).run("DROP SCHEMA IF EXISTS gatehouse CASCADE");
    }
    std::unique_ptr<const SqlSource> source() override { return std::make_unique<PostgresSource>(postgresUrl()); }
};

// Another machine's, which can be lost.
class FarSource final : public SqlSource {
public:
    FarSource(std::string file, std::shared_ptr<std::atomic<bool>> isDown)
        : own_(std::move(file)), isDown_(std::move(isDown)) {}
    std::unique_ptr<SqlDatabase> open(Mode mode) const override {
        if (*isDown_) throw TokenStoreError("far: cannot be reached");
        return own_.open(mode);
    }
    std::unique_ptr<Watch> watch(std::function<void()> changed) const override {
        return own_.watch(std::move(changed));
    }
    bool exists() const override { return own_.exists(); }
    std::vector<std::string> warnings() const override { return {}; }
    const std::string& name() const override { return own_.name(); }
    bool isRemote() const override { return true; }

private:
    const SqliteSource own_;
    const std::shared_ptr<std::atomic<bool>> isDown_;
};

struct FarSite {
    FarSite() {
        store.add(sampleEntry("a", "one"));
        store.load();
    }
    ScratchFolder folder;
    TurnableClock clock;
    KeptLog log;
    CountingTelemetry telemetry;
    std::shared_ptr<std::atomic<bool>> isDown = std::make_shared<std::atomic<bool>>(false);
    SqlTokenStore store{std::make_unique<FarSource>(folder.file("t.db"), isDown),
                        SqlStoreDeps{.clock = clock, .log = log.log, .telemetry = telemetry, .grace = 2s}};
};

} // namespace

TEST_CASE("an SQLite store passes the contract of every token store") {
    tokenStoreContract([] { return std::make_unique<SqliteStoreSite>(); });
}

TEST_CASE("a PostgreSQL store passes the contract of every token store", "[.postgres]") {
    REQUIRE(postgresUrl()); // tests/support/postgres.py
    tokenStoreContract([] { return std::make_unique<PostgresSite>(); });
}

TEST_CASE("a store on another machine is fresh for its heartbeat and its grace, and after the next answer again") {
    FarSite site;
    CHECK(site.store.mayBlock());
    CHECK(site.store.isFresh());
    site.clock.turn(2999ms);
    CHECK(site.store.isFresh());
    site.clock.turn(1ms);
    CHECK_FALSE(site.store.isFresh());
    site.store.look();
    CHECK(site.store.isFresh());
}

TEST_CASE("what was matched is known without asking, as it stands now, until it is gone") {
    FarSite site;
    CHECK_FALSE(site.store.recentMatch(sha256("one")));
    site.store.match(sha256("one"));
    REQUIRE(site.store.recentMatch(sha256("one")));
    site.store.change("a", [](TokenEntry& entry) { entry.terms.callsPerHour = 5; });
    CHECK(site.store.recentMatch(sha256("one"))->entry->terms.callsPerHour == 5);
    site.store.revoke({"a"}, "");
    CHECK_FALSE(site.store.recentMatch(sha256("one")));
}

TEST_CASE("how long a revocation took is told") {
    FarSite site;
    site.telemetry.lags.clear();
    site.store.revoke({"a"}, "");
    REQUIRE(site.telemetry.lags.size() == 1);
    CHECK(site.telemetry.lags[0] == 0ns);
}

TEST_CASE("a visit sees each token once, however many pieces it takes") {
    SqliteStoreSite site;
    const auto store = site.open();
    const std::size_t count = SqlTokenStore::piece + 1;
    for (std::size_t i = 0; i < count; ++i) {
        TokenEntry entry;
        entry.record.id = std::to_string(i);
        entry.digest = sha256(entry.record.id);
        store->add(entry);
    }
    std::size_t seen = 0;
    store->visit("", [&](const TokenEntry& entry) { CHECK(entry.record.id == std::to_string(seen++)); });
    CHECK(seen == count);
}
