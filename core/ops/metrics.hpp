// Metrics: what Prometheus reads. Labels have a bounded set of values: no token, subject or address is ever one.
// Threads: any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/telemetry.hpp"

namespace gatehouse {

class Metrics final : public Telemetry {
public:
    Metrics();
    ~Metrics() override;

    // Methods that have labels of their own. Before anything is counted.
    void name(const std::vector<std::string>& methods);
    void decided(const AuditEvent& event) override;
    void judged(std::string_view validator, std::string_view outcome, std::string_view reason) override;
    void changed(Gauge gauge, std::int64_t by) override;
    void counted(Counter counter) override;
    void revoked(std::chrono::nanoseconds after) override;
    void expiring(int days, std::int64_t count) override;
    void told(std::string_view event, std::string_view outcome) override;
    void budgetUsed(std::string_view budget, std::int64_t by) override;
    void budgetRefused(std::string_view budget) override;

    void setDropped(std::uint64_t auditLines, std::uint64_t logLines);
    std::string text() const; // Prometheus text format 0.0.4

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace gatehouse
