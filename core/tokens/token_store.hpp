// TokenStore: the API tokens in force, looked up by digest. One per process.
//
// What is in force is an immutable snapshot; a reload swaps it. A broken file changes nothing: the last good set stays
// in force and the error is told.
//
// Threads: find() and generation() from any; load() and reload() from one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/observer.hpp"
#include "tokens/token_file.hpp"

namespace gatehouse {

class TokenStore {
public:
    // Called after each change, with the ids of tokens that are gone or mean something else now. Any thread.
    using Changed = std::function<void(const std::vector<std::string>& gone)>;

    TokenStore(std::string path, const Clock& clock, Log& log, Observer& observer);

    // Whether load() may change the file. A reader neither writes nor locks any file.
    enum class Access { write, read };

    // At the start: reads the file, takes out what has expired, says how many there are. Without `write` what has
    // expired is taken out in memory only. Throws TokenFileMissing, TokenFileError.
    void load(Access access = Access::write);
    // When the file may have changed. Never throws.
    void reload();
    void whenChanged(Changed changed) { changed_ = std::move(changed); }

    TokenLookup find(const Sha256& digest) const;
    // Why a token that find() does not know is not there any more, as far as that is remembered.
    std::optional<GoneToken> findGone(const Sha256& digest) const;
    std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    bool healthy() const { return healthy_.load(std::memory_order_relaxed); }
    const std::string& path() const { return file_.path(); }

private:
    struct Snapshot {
        TokenMap tokens;
        GoneMap gone; // asked only of what is not in `tokens`
    };
    std::shared_ptr<const Snapshot> current() const;
    std::vector<std::string> replace(TokenFileContent content);
    TokenFileContent withoutExpiredInFile(TokenFileContent known, WallTime now);

    const TokenFile file_;
    const Clock& clock_;
    Log& log_;
    Observer& observer_;
    Changed changed_;
    void tellIfOpenToOthers();

    std::string lastText_;    // of the file, as last looked at
    std::string lastProblem_; // as last told
    std::string lastWarning_;
    std::atomic<std::uint64_t> generation_{1};
    std::atomic<bool> healthy_{true};

    mutable std::mutex mutex_; // guards only the pointer
    std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
};

} // namespace gatehouse
