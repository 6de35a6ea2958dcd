// FileTokenStore: API tokens in a YAML file (token_file.hpp), the first kind of TokenStore.
//
// What is in force is an immutable snapshot; a reload swaps it. A broken file changes nothing: the last good set stays
// in force and the error is told.
#pragma once

#include <atomic>
#include <functional>
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
#include "tokens/token_file.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

class FileTokenStore final : public TokenStore {
public:
    FileTokenStore(std::string path, const Clock& clock, Log& log, Telemetry& telemetry);

    std::vector<std::string> check() const override;
    void load(Access access = Access::write) override;
    void whenChanged(Changed changed) override { changed_ = std::move(changed); }
    void watch() override;
    void lookNow() override;
    void reload(); // when the file may have changed. Never throws.

    TokenMatchResult match(const Sha256& digest) const override;
    std::optional<GoneToken> findGone(const Sha256& digest) const override;
    std::uint64_t generation() const override { return generations_.number(); }
    TokenChanges changesSince(std::uint64_t generation) const override { return generations_.since(generation); }
    bool healthy() const override { return healthy_.load(std::memory_order_relaxed); }
    const std::string& name() const override { return file_.path(); }
    void beginDue() override;

    std::vector<TokenEntry> list() const override { return file_.read(); }
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
    using EntryPtr = std::shared_ptr<const TokenEntry>;
    struct Snapshot {
        std::unordered_map<Sha256, EntryPtr, DigestHash> byText; // also by a previous text
        std::unordered_map<std::string, EntryPtr> byId;
        GoneMap gone; // asked only of what is not in `byText`
    };
    static std::shared_ptr<Snapshot> snapshotOf(TokenFileContent content);
    static std::vector<std::string> idsGone(const Snapshot& before, const Snapshot& after);
    WallTime nextBegin(const Snapshot& snapshot, WallTime now) const;
    std::shared_ptr<const Snapshot> current() const;
    std::vector<std::string> replace(TokenFileContent content);
    TokenFileContent withoutExpiredInFile(TokenFileContent known, WallTime now);
    void warnIfOpenToOthers();
    std::chrono::nanoseconds sinceWritten() const;
    bool adopted(const std::function<bool()>& write);
    WallTime now() const; // in whole seconds, as the file holds them

    const TokenFile file_;
    const Clock& clock_;
    Log& log_;
    Telemetry& telemetry_;
    Changed changed_;
    Generations generations_;
    std::atomic<bool> healthy_{true};
    std::atomic<bool> isLoaded_{false};

    std::mutex reloading_;    // guards what the file was when it was last looked at
    std::string lastText_;    // of the file
    std::string lastProblem_; // as last told
    std::string lastWarning_;

    mutable std::mutex mutex_; // guards only the pointer
    std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
    std::atomic<WallTime> nextBegin_{never}; // of a token that is not yet valid
    std::optional<FileWatcher> watcher_;     // goes first: it calls reload()
};

} // namespace gatehouse
