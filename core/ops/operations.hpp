// Operations: the Observer of a server, which counts and audits.
// Threads: any.
#pragma once

#include "ops/audit.hpp"
#include "ops/metrics.hpp"

namespace gatehouse {

class Operations final : public Observer {
public:
    explicit Operations(const Clock& clock) : audit_(clock) {}
    Operations(const std::string& auditFile, const Clock& clock) : audit_(auditFile, clock) {}

    // Before anything is decided. Throws std::system_error naming the file.
    void openAudit(const std::string& auditFile) { audit_.open(auditFile); }

    void decided(const Decision& decision) override {
        metrics_.decided(decision);
        audit_.write(decision);
    }
    void judged(std::string_view validator, std::string_view outcome, std::string_view reason) override {
        metrics_.judged(validator, outcome, reason);
    }
    void changed(Gauge gauge, std::int64_t by) override { metrics_.changed(gauge, by); }
    void counted(Tally tally) override { metrics_.counted(tally); }
    void budgetUsed(std::string_view budget, std::int64_t by) override { metrics_.budgetUsed(budget, by); }
    void budgetRefused(std::string_view budget) override { metrics_.budgetRefused(budget); }

    std::string metricsText(std::uint64_t logLinesDropped) {
        metrics_.setDropped(audit_.dropped(), logLinesDropped);
        return metrics_.text();
    }

private:
    Metrics metrics_;
    Audit audit_;
};

} // namespace gatehouse
