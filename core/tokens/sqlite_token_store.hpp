// SqliteTokenStore: API tokens in an SQLite file, for more of them than a YAML file holds.
//
// What is asked is looked up in the file, by its index: nothing of it is kept in memory, so a million tokens start as
// fast as one. Each change is a row of `changes`, by which other processes know what is gone.
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
#include "tokens/file_watcher.hpp"
#include "tokens/generations.hpp"
#include "tokens/sqlite_token_writer.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

class SqliteTokenStore final : public TokenStore {
public:
    SqliteTokenStore(std::string file, const Clock& clock, Log& log, Telemetry& telemetry);
    ~SqliteTokenStore() override;

    std::vector<std::string> check() const override;
    void load(Access access = Access::write) override;
    void whenChanged(Changed changed) override { changed_ = std::move(changed); }
    void watch() override;
    void lookNow() override;
    void look(); // for what others have changed. Never throws.

    TokenMatchResult match(const Sha256& digest) const override;
    std::optional<GoneToken> findGone(const Sha256& digest) const override;
    std::uint64_t generation() const override { return generations_.number(); }
    TokenChanges changesSince(std::uint64_t generation) const override { return generations_.since(generation); }
    bool healthy() const override { return healthy_.load(std::memory_order_relaxed); }
    const std::string& name() const override { return file_; }
    void beginDue() override;

    std::vector<TokenEntry> list() const override;
    std::vector<TokenEntry> listWatched() const override;
    std::optional<TokenEntry> get(const std::string& id) const override;
    std::optional<TokenEntry> getByRequest(const std::string& key) const override;
    std::vector<GoneToken> listGone() const override;
    void add(const TokenEntry& entry) override;
    bool change(const std::string& id, const Change& change) override;
    bool revive(const std::string& id, const Change& change) override;
    std::vector<std::string> revoke(const std::vector<std::string>& ids, const std::string& because) override;
    bool withdraw(const std::string& id) override;

private:
    TokenMatchResult lookUp(const Sha256& digest) const;
    std::vector<TokenEntry> listBy(const char* query) const;
    void report(const std::exception& fault);
    void write(const std::function<void(SqliteTokenWriter&)>& work);
    bool takeOver();
    WallTime now() const;

    const std::string file_;
    const Clock& clock_;
    Log& log_;
    Telemetry& telemetry_;
    Changed changed_;
    Generations generations_;
    std::atomic<bool> healthy_{true};
    std::atomic<bool> isLoaded_{false};
    std::atomic<WallTime> nextBegin_{never}; // of a token that is not yet valid
    WallTime loadedAt_{};                    // to read only; else the epoch
    std::int64_t seen_ = 0;                  // the last change that is in force; guarded by looking_
    std::string lastProblem_;                // likewise
    std::mutex looking_;
    mutable std::mutex reading_; // guards the reader
    std::unique_ptr<SqliteTokenReader> reader_;
    std::mutex writing_; // guards the writer
    std::unique_ptr<SqliteTokenWriter> writer_;
    std::optional<FileWatcher> watcher_; // goes first: it calls look()
};

} // namespace gatehouse
