// ServerTelemetry: the Telemetry of a server, which counts, audits and tells of refusals.
// Threads: any.
#pragma once

#include <functional>

#include "ops/audit.hpp"
#include "ops/decision_log.hpp"
#include "ops/metrics.hpp"

namespace gatehouse {

class ServerTelemetry final : public Telemetry {
public:
    ServerTelemetry(const Clock& clock, Log& log) : audit_(clock), decisions_(log, clock) {}
    ServerTelemetry(const std::string& auditFile, const Clock& clock, Log& log)
        : audit_(auditFile, clock), decisions_(log, clock) {}

    // Before anything is decided. Throws std::system_error naming the file.
    void openAudit(const std::string& auditFile) { audit_.open(auditFile); }
    void auditTo(std::function<void(std::string_view line)> sink) { audit_.alsoTo(std::move(sink)); }

    void decided(const AuditEvent& event) override {
        metrics_.decided(event);
        audit_.write(event);
        decisions_.log(event);
        if (tokenUse_ && (event.tokenGeneration != 0 || event.refusedToken)) tokenUse_(event);
    }
    // What is told of the requests of tokens of our own store, and of those that showed a token that was refused.
    // Before anything is decided; called from any thread.
    void tellUse(std::function<void(const AuditEvent&)> sink) { tokenUse_ = std::move(sink); }
    void nameMethods(const std::vector<std::string>& methods) { metrics_.name(methods); }
    void expire() { decisions_.expire(); } // to be called now and then
    void judged(std::string_view validator, std::string_view outcome, std::string_view reason) override {
        metrics_.judged(validator, outcome, reason);
    }
    void changed(Gauge gauge, std::int64_t by) override { metrics_.changed(gauge, by); }
    void counted(Counter counter) override { metrics_.counted(counter); }
    void revoked(std::chrono::nanoseconds after) override { metrics_.revoked(after); }
    void expiring(int days, std::int64_t count) override { metrics_.expiring(days, count); }
    void told(std::string_view event, std::string_view outcome) override { metrics_.told(event, outcome); }
    void budgetUsed(std::string_view budget, std::int64_t by) override { metrics_.budgetUsed(budget, by); }
    void budgetRefused(std::string_view budget) override { metrics_.budgetRefused(budget); }

    std::string metricsText(std::uint64_t logLinesDropped) {
        metrics_.setDropped(audit_.dropped(), logLinesDropped);
        return metrics_.text();
    }

private:
    Metrics metrics_;
    Audit audit_;
    DecisionLog decisions_;
    std::function<void(const AuditEvent&)> tokenUse_;
};

} // namespace gatehouse
