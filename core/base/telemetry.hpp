// Telemetry: what the server tells about itself. core/ops counts it and writes the audit log; nothing here waits.
// Threads: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/digest.hpp"
#include "base/outcome.hpp"

namespace gatehouse {

enum class Gauge {
    connections,
    eventStreams,
    openClients,
    sessions,
    liveIdentities,
    workerThreads,
    overdueWorkers, // threads in a call that was ended a while ago
};
enum class Counter { tokenReloads, tokenReloadFailures, overloaded, loopStalls, clientsCreated, clientsClosed };

// One event: a refusal at the gate or the end of a call. Views live for the report.
struct AuditEvent {
    std::string_view peer;
    std::string_view subject; // empty: unknown
    std::string_view tokenId;
    const Sha256* refusedToken = nullptr; // of a token that was shown and let nobody in; null: none. Not to be told
    std::uint64_t tokenGeneration = 0;    // of a token of our own store; else 0
    bool isPreviousText = false;          // the token was rotated, and its text before was shown
    std::string_view method;              // MCP method, or the HTTP method when none was read
    std::string_view name;                // tool name
    Outcome outcome = Outcome::ok;
    std::string_view reason; // why, in one word; empty when ok
    std::string_view detail; // in a sentence, for the log
    std::string_view path;   // of the URL; empty where there is none, and of calls that took a while
    std::string_view client; // what the client calls itself (User-Agent); empty where it says nothing
    std::chrono::nanoseconds took{};
    int httpStatus = 0;
};

class Telemetry {
public:
    virtual ~Telemetry() = default;
    virtual void decided(const AuditEvent& event) = 0;
    // One answer of a validator: outcome "accept", "reject" or "unavailable".
    virtual void judged(std::string_view validator, std::string_view outcome, std::string_view reason) = 0;
    virtual void changed(Gauge gauge, std::int64_t by) = 0;
    virtual void counted(Counter counter) = 0;
    // Tokens that were revoked, or narrowed, are refused here from now on, so long after that was asked for.
    virtual void revoked(std::chrono::nanoseconds /*after*/) {}
    // So many tokens end within so many days (one of a few numbers).
    virtual void expiring(int /*days*/, std::int64_t /*count*/) {}
    // An event of tokens was sent to a webhook: outcome "delivered", "failed" or "given_up".
    virtual void told(std::string_view /*event*/, std::string_view /*outcome*/) {}
    // A Budget of that name (one of a few) holds more or less, or has refused a request.
    virtual void budgetUsed(std::string_view budget, std::int64_t by) = 0;
    virtual void budgetRefused(std::string_view budget) = 0;
};

} // namespace gatehouse
