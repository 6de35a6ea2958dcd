// TokenUpkeep: what is done beside requests for the tokens of our own store: what they are used for and why they were
// refused is counted and written, once a second, and those that nobody uses are suspended.
// Threads: record(), take() and ledger() from any; the rest from one.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/call_limits.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "loop/repeating_thread.hpp"
#include "tokens/limit_ledger.hpp"
#include "tokens/token_keeper.hpp"
#include "tokens/token_refusals.hpp"

namespace gatehouse {

class TokenUpkeep {
public:
    // What it keeps lies in `source`, which it owns.
    TokenUpkeep(TokenStore& store, std::unique_ptr<const SqlSource> source, const Clock& clock, Log& log);

    void start();
    void stop(); // what is being written is, then nothing more
    void write();

    // A request of a token of the store, or one that showed a token that nobody is let in with.
    void record(const AuditEvent& event);
    // Slices of the limits of tokens; nothing: they cannot be had now. Blocks.
    CallLimits::Grants take(const std::vector<LimitWish>& wishes);
    void giveBack(const std::vector<LimitWish>& unused);
    LimitLedger& ledger() { return ledger_; }
    const SqlSource& source() const { return *source_; }
    const TokenUsage& usage() const { return usage_; }
    const TokenRefusals& refusals() const { return refusals_; }

private:
    void keep();
    void attempt(bool& isSaid, const std::function<void()>& work);

    const Clock& clock_;
    Log& log_;
    const std::unique_ptr<const SqlSource> source_;
    LimitLedger ledger_;
    TokenUsage usage_;
    TokenRefusals refusals_;
    TokenKeeper keeper_;
    SteadyTime nextSweep_{};
    std::atomic<bool> isLimitFaultSaid_{false};
    bool isUseFaultSaid_ = false, isRefusalFaultSaid_ = false, isSweepFaultSaid_ = false;
    std::optional<RepeatingThread> thread_;
};

} // namespace gatehouse
