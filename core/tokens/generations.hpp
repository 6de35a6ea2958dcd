// Generations: which tokens are gone or mean something else since when, as far back as is kept.
// Threads: any.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "tokens/token_store.hpp"

namespace gatehouse {

class Generations {
public:
    static constexpr std::size_t maxKept = 64;

    std::uint64_t number() const { return number_.load(std::memory_order_acquire); }
    // What changed is in force already.
    void begin(std::vector<std::string> gone);
    TokenChanges since(std::uint64_t number) const;

private:
    struct Generation {
        std::uint64_t number = 0;
        std::vector<std::string> gone;
    };
    std::atomic<std::uint64_t> number_{1};
    mutable std::mutex mutex_;    // guards what is kept
    std::deque<Generation> kept_; // the latest last
};

} // namespace gatehouse
