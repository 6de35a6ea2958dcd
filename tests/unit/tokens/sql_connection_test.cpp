#include "tokens/sql_connection.hpp"

#include <catch2/catch.hpp>

#include "support/scratch_folder.hpp"
#include "tokens/sqlite_database.hpp"
#include "tokens/token_store.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

// Databases that are lost when the test says so.
class LosableSource final : public SqlSource {
public:
    class Losable final : public SqlDatabase {
    public:
        Losable(std::unique_ptr<SqlDatabase> own, const bool& isLost) : own_(std::move(own)), isLost_(isLost) {}
        void run(const std::string& statements) override { own_->run(statements); }
        std::unique_ptr<PreparedSql> prepare(const char* sql) override { return own_->prepare(sql); }
        void transaction(const std::function<void()>& work) override { own_->transaction(work); }
        std::int64_t tablesVersion() override { return own_->tablesVersion(); }
        void setTablesVersion(std::int64_t version) override { own_->setTablesVersion(version); }
        void tellChange() override {}
        const SqlWords& words() const override { return own_->words(); }
        const std::string& name() const override { return own_->name(); }
        bool isUsable() const override { return !isLost_; }

    private:
        const std::unique_ptr<SqlDatabase> own_;
        const bool& isLost_;
    };
    explicit LosableSource(std::string file) : own_(std::move(file)) {}
    std::unique_ptr<SqlDatabase> open(Mode mode) const override {
        ++opened;
        return std::make_unique<Losable>(own_.open(mode), isLost);
    }
    std::unique_ptr<Watch> watch(std::function<void()> changed) const override {
        return own_.watch(std::move(changed));
    }
    bool exists() const override { return own_.exists(); }
    std::vector<std::string> warnings() const override { return {}; }
    const std::string& name() const override { return own_.name(); }
    bool isRemote() const override { return true; }
    bool isLost = false;
    mutable int opened = 0;

private:
    const SqliteSource own_;
};

} // namespace

TEST_CASE("a database is opened once, and prepared before its first use") {
    const ScratchFolder folder;
    LosableSource source(folder.file("t.db"));
    int prepared = 0;
    SqlConnection connection(source, [&](SqlDatabase& database) {
        ++prepared;
        database.run("CREATE TABLE IF NOT EXISTS t (a)");
    });
    CHECK(source.opened == 0);
    for (int i = 0; i < 3; ++i) connection.use([](SqlDatabase& database) { database.run("INSERT INTO t VALUES (1)"); });
    CHECK(source.opened == 1);
    CHECK(prepared == 1);
}

TEST_CASE("one that is lost is opened again, and one that fails in use is kept") {
    const ScratchFolder folder;
    LosableSource source(folder.file("t.db"));
    SqlConnection connection(source, [](SqlDatabase&) {});
    CHECK_THROWS_AS(connection.use([](SqlDatabase& database) { database.run("NONSENSE"); }), TokenStoreError);
    connection.use([](SqlDatabase&) {});
    CHECK(source.opened == 1);
    source.isLost = true;
    connection.use([](SqlDatabase&) {});
    CHECK(source.opened == 2);
}

TEST_CASE("one that cannot be prepared is not used") {
    const ScratchFolder folder;
    LosableSource source(folder.file("t.db"));
    bool isBroken = true;
    SqlConnection connection(source, [&](SqlDatabase& database) {
        if (isBroken) database.run("NONSENSE");
    });
    for (int i = 0; i < 2; ++i) CHECK_THROWS_AS(connection.use([](SqlDatabase&) { FAIL("used"); }), TokenStoreError);
    isBroken = false;
    connection.use([](SqlDatabase&) {});
}
