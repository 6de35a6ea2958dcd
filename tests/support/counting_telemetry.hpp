// Telemetry that remembers what it was told.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/telemetry.hpp"

namespace gatehouse::test {

class CountingTelemetry final : public Telemetry {
public:
    void decided(const AuditEvent& event) override {
        const std::lock_guard lock(mutex_);
        decisions.push_back(std::string(outcomeName(event.outcome)) + " " + std::string(event.reason));
    }
    void judged(std::string_view, std::string_view outcome, std::string_view reason) override {
        const std::lock_guard lock(mutex_);
        verdicts.push_back(std::string(outcome) + " " + std::string(reason));
    }
    void changed(Gauge gauge, std::int64_t by) override {
        const std::lock_guard lock(mutex_);
        gauges[gauge] += by;
    }
    void counted(Counter counter) override {
        const std::lock_guard lock(mutex_);
        ++counters[counter];
    }
    void revoked(std::chrono::nanoseconds after) override {
        const std::lock_guard lock(mutex_);
        lags.push_back(after);
    }
    void budgetUsed(std::string_view budget, std::int64_t by) override {
        const std::lock_guard lock(mutex_);
        budgets[std::string(budget)] += by;
    }
    void budgetRefused(std::string_view budget) override {
        const std::lock_guard lock(mutex_);
        ++refusals[std::string(budget)];
    }

    std::vector<std::string> decisions;
    std::vector<std::string> verdicts;
    std::map<Gauge, std::int64_t> gauges;
    std::map<Counter, int> counters;
    std::vector<std::chrono::nanoseconds> lags;
    std::map<std::string, std::int64_t> budgets;
    std::map<std::string, int> refusals;

private:
    std::mutex mutex_;
};

} // namespace gatehouse::test
