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

    // At the start: reads the file, removes what has expired, says how many there are.
    // Throws TokenFileMissing, TokenFileError.
    void load();
    // When the file may have changed. Never throws.
    void reload();
    void whenChanged(Changed changed) { changed_ = std::move(changed); }

    TokenLookup find(const Sha256& digest) const;
    std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
    bool healthy() const { return healthy_.load(std::memory_order_relaxed); }
    const std::string& path() const { return file_.path(); }

private:
    std::shared_ptr<const TokenMap> current() const;
    std::vector<std::string> replace(std::vector<TokenEntry> entries);
    void removeExpired(std::vector<TokenEntry>& entries);

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
    std::shared_ptr<const TokenMap> tokens_ = std::make_shared<const TokenMap>();
};

} // namespace gatehouse
