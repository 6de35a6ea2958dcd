// TokenKeeper: what ends by not being used: tokens that are suspended when they are idle for too long, and the old text
// of a rotation that ends once nobody uses it. Threads: one at a time; it blocks on the store.
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "tokens/token_store.hpp"
#include "tokens/token_usage.hpp"

namespace gatehouse {

class TokenKeeper {
public:
    static constexpr std::chrono::hours quiet{1}; // for so long nobody uses an old text that is to end

    // All outlive it.
    TokenKeeper(TokenStore& store, const TokenUsage& usage, const Clock& clock, Log& log)
        : store_(store), usage_(usage), clock_(clock), log_(log) {}

    // To be called now and then. Throws what the store throws.
    void sweep();

private:
    bool isIdle(const TokenEntry& entry, const TokenUse& use, WallTime now) const;
    bool isOldTextQuiet(const TokenEntry& entry, const TokenUse& use, WallTime now) const;

    TokenStore& store_;
    const TokenUsage& usage_;
    const Clock& clock_;
    Log& log_;
};

} // namespace gatehouse
