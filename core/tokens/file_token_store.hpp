// FileTokenStore: API tokens in a YAML file (token_file.hpp), the first kind of TokenStore.
//
// What is in force is an immutable snapshot; a reload swaps it. A broken file changes nothing: the last good set stays
// in force and the error is told.
#pragma once

#include <atomic>
#include <deque>
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
#include "tokens/token_file.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

class FileTokenStore final : public TokenStore {
public:
    static constexpr std::size_t maxKeptChanges = 64; // of changesSince()

    FileTokenStore(std::string path, const Clock& clock, Log& log, Telemetry& telemetry);

    std::vector<std::string> check() const override;
    void load(Access access = Access::write) override;
    void whenChanged(Changed changed) override { changed_ = std::move(changed); }
    void watch() override;
    void lookNow() override;
    void reload(); // when the file may have changed. Never throws.

    TokenLookup find(const Sha256& digest) const override;
    std::optional<GoneToken> findGone(const Sha256& digest) const override;
    std::uint64_t generation() const override { return generation_.load(std::memory_order_acquire); }
    TokenChanges changesSince(std::uint64_t generation) const override;
    bool healthy() const override { return healthy_.load(std::memory_order_relaxed); }
    const std::string& name() const override { return file_.path(); }

    std::vector<TokenEntry> list() const override { return file_.read(); }
    void add(const TokenEntry& entry) override;
    bool change(const std::string& id, const std::function<void(TokenRecord&)>& change) override;
    bool rotate(const std::string& id, const Sha256& fresh) override;
    bool revoke(const std::string& id) override;
    bool withdraw(const std::string& id) override;

private:
    struct Snapshot {
        TokenMap tokens;
        GoneMap gone; // asked only of what is not in `tokens`
    };
    struct Change {
        std::uint64_t generation = 0;
        std::vector<std::string> gone;
    };
    std::shared_ptr<const Snapshot> current() const;
    std::vector<std::string> replace(TokenFileContent content);
    TokenFileContent withoutExpiredInFile(TokenFileContent known, WallTime now);
    void warnIfOpenToOthers();
    bool adopted(const std::function<bool()>& write);
    WallTime now() const; // in whole seconds, as the file holds them

    const TokenFile file_;
    const Clock& clock_;
    Log& log_;
    Telemetry& telemetry_;
    Changed changed_;
    std::atomic<std::uint64_t> generation_{1};
    std::atomic<bool> healthy_{true};
    std::atomic<bool> isLoaded_{false};

    std::mutex reloading_;    // guards what the file was when it was last looked at
    std::string lastText_;    // of the file
    std::string lastProblem_; // as last told
    std::string lastWarning_;

    mutable std::mutex mutex_; // guards only the pointer and the changes
    std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
    std::deque<Change> changes_;         // the latest last
    std::optional<FileWatcher> watcher_; // goes first: it calls reload()
};

} // namespace gatehouse
