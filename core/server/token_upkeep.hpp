// TokenUpkeep: what is done beside requests for the tokens of our own store: what they are used for and why they were
// refused is counted and written, once a second, and those that nobody uses are suspended.
// Threads: record() and known() from any; the rest from one.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "auth/call_limits.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "loop/repeating_thread.hpp"
#include "tokens/token_keeper.hpp"
#include "tokens/token_refusals.hpp"

namespace gatehouse {

class TokenUpkeep {
public:
    // Keeps its file beside the store, as NAME.usage.
    TokenUpkeep(TokenStore& store, const Clock& clock, Log& log);

    void start();
    void stop(); // what is being written is, then nothing more
    void write();

    // A request of a token of the store, or one that showed a token that nobody is let in with.
    void record(const AuditEvent& event);
    // What a token has done before. What cannot be read does not count.
    CallLimits::Known known(const std::string& tokenId) const;
    const TokenUsage& usage() const { return usage_; }
    const TokenRefusals& refusals() const { return refusals_; }

private:
    void keep();
    void attempt(bool& isSaid, const std::function<void()>& work);

    const Clock& clock_;
    Log& log_;
    TokenUsage usage_;
    TokenRefusals refusals_;
    TokenKeeper keeper_;
    SteadyTime nextSweep_{};
    bool isUseFaultSaid_ = false, isRefusalFaultSaid_ = false, isSweepFaultSaid_ = false;
    std::optional<RepeatingThread> thread_;
};

} // namespace gatehouse
