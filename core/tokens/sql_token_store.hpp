// SqlTokenStore: API tokens in a database: SQLite in a file, for more of them than a YAML file holds; PostgreSQL, for
// several nodes.
//
// What is asked is looked up there, by its index: nothing of it is kept in memory, so a million tokens start as fast as
// one. Each change is a row of `changes`, by which other processes know what is gone. A remote source that has not
// answered for `heartbeat` may have missed changes: then nothing that was judged before holds, until it answers again.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "tokens/generations.hpp"
#include "tokens/recent_matches.hpp"
#include "tokens/sql_token_writer.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

struct SqlStoreDeps {
    const Clock& clock;
    Log& log;
    Telemetry& telemetry;
    std::chrono::milliseconds grace{0}; // beyond the heartbeat, for which what was judged still holds
};

class SqlTokenStore final : public TokenStore {
public:
    static constexpr std::chrono::milliseconds heartbeat{1000};
    static constexpr std::chrono::milliseconds shortWait{100}; // for a connection, once changes may have been missed
    static constexpr std::size_t piece = 500;                  // rows that visit() holds at once
    static constexpr std::chrono::milliseconds rest{200};      // after a connection failed, before the next is tried

    SqlTokenStore(std::unique_ptr<const SqlSource> source, const SqlStoreDeps& deps);
    ~SqlTokenStore() override;

    std::vector<std::string> check() const override;
    void load(Access access = Access::write) override;
    void whenChanged(Changed changed) override { changed_ = std::move(changed); }
    void watch() override;
    void lookNow() override;
    void look(); // for what others have changed. Never throws.

    TokenMatchResult match(const Sha256& digest) const override;
    bool mayBlock() const override { return source_->isRemote(); }
    std::optional<TokenMatch> recentMatch(const Sha256& digest) const override;
    bool isFresh() const override;
    std::optional<GoneToken> findGone(const Sha256& digest) const override;
    std::uint64_t generation() const override { return generations_.number(); }
    TokenChanges changesSince(std::uint64_t generation) const override { return generations_.since(generation); }
    bool healthy() const override { return healthy_.load(std::memory_order_relaxed); }
    const std::string& name() const override { return source_->name(); }
    void beginDue() override;

    std::vector<TokenEntry> list() const override;
    void visit(const std::string& owner, const Visit& visit) const override;
    bool isEmpty() const override;
    std::vector<TokenEntry> listWatched() const override;
    std::vector<TokenEntry> listEnding(WallTime by) const override;
    TokensTouched touchedSince(const std::string& mark) const override;
    std::optional<TokenEntry> get(const std::string& id) const override;
    std::optional<TokenEntry> getByRequest(const std::string& key) const override;
    std::vector<GoneToken> listGone() const override;
    void visitGone(const VisitGone& visit) const override;
    std::optional<GoneToken> getGone(const std::string& id) const override;
    void add(const TokenEntry& entry) override;
    bool change(const std::string& id, const Change& change) override;
    bool revive(const std::string& id, const Change& change) override;
    std::vector<std::string> revoke(const std::vector<std::string>& ids, const std::string& because) override;
    bool withdraw(const std::string& id) override;

private:
    using Reading = std::function<void(SqlTokenReader&)>;
    // A reader that is opened when it is needed, and again after its connection was lost.
    struct Connection {
        const SqlSource::Mode mode;
        std::mutex mutex = {}; // guards the rest
        std::unique_ptr<SqlTokenReader> reader = {};
        SteadyTime restsUntil{};
    };
    void read(Connection& connection, const Reading& work) const;
    bool tried(Connection& connection, const Reading& work, bool mayBeCut) const;
    void ask(const Reading& work) const;
    TokenMatchResult lookUp(const Sha256& digest) const;
    std::optional<TokenMatch> lookUpAgain(const Sha256& digest) const;
    std::vector<TokenEntry> listBy(const char* query) const;
    template <class Row>
    using RowFrom = Row (*)(const std::string& id, std::string_view digest, std::string_view document,
                            const std::string& store);
    template <class Row>
    void eachRow(const std::string& query, const std::string& owner, RowFrom<Row> from,
                 const std::function<void(Row&)>& visit) const;
    void report(const std::exception& fault);
    void write(const std::function<void(SqlTokenWriter&)>& work);
    bool takeOver();
    void tell(const TableChanges& changes);
    void beginNow();
    WallTime now() const;

    const std::unique_ptr<const SqlSource> source_;
    const SqlStoreDeps deps_;
    Changed changed_;
    Generations generations_;
    mutable RecentMatches recent_; // of a remote source
    std::atomic<bool> healthy_{true};
    std::atomic<bool> isLoaded_{false};
    std::atomic<WallTime> nextBegin_{never}; // of a token that is not yet valid
    std::atomic<SteadyTime> heard_{};        // of a remote source, for the last time
    WallTime loadedAt_{};                    // to read only; else the epoch
    std::int64_t seen_ = 0;                  // the last change that is in force; guarded by looking_
    std::string lastProblem_;                // likewise
    std::mutex looking_;
    mutable Connection judging_{.mode = SqlSource::Mode::judge}; // for match() and what has changed
    mutable Connection asking_{.mode = SqlSource::Mode::read};   // for the rest, of a remote source
    std::mutex writing_;                                         // guards the writer
    std::unique_ptr<SqlTokenWriter> writer_;
    std::unique_ptr<SqlSource::Watch> watch_; // goes first: it calls look()
};

} // namespace gatehouse
