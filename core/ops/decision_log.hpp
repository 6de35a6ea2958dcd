// DecisionLog: what the operator reads of refusals. The first of a peer for a reason is told at once; those that follow
// within a minute are counted, and told together when it is over. At level debug every event has its line.
//
// Bounded: beyond `maxPeers` pairs of peer and reason within a minute, further ones share one line.
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"

namespace gatehouse {

class DecisionLog {
public:
    static constexpr std::chrono::seconds pause{60}; // between two lines for the same peer and reason
    static constexpr std::size_t maxPeers = 1024;

    DecisionLog(Log& log, const Clock& clock) : log_(log), clock_(clock) {}

    void log(const AuditEvent& event);
    void expire(); // tells what was counted; to be called now and then

private:
    struct Told {
        SteadyTime until{};
        std::uint64_t more = 0; // since the line was written
        std::string last;       // of those that were not told
    };
    void logRefusal(const AuditEvent& event);

    Log& log_;
    const Clock& clock_;
    std::mutex mutex_;                 // guards told_
    std::map<std::string, Told> told_; // by peer and reason
};

// "refused 401 expired: peer 192.0.2.1, POST /mcp, client "node": ..."
std::string decisionLine(const AuditEvent& event);

} // namespace gatehouse
