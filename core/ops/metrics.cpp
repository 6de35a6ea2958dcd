#include "ops/metrics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace gatehouse {

namespace {

prometheus::Histogram::BucketBoundaries latencyBuckets() {
    return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

constexpr std::size_t gaugeCount = static_cast<std::size_t>(Gauge::overdueWorkers) + 1;
constexpr std::size_t tallyCount = static_cast<std::size_t>(Counter::clientsClosed) + 1;

struct Calls {
    prometheus::Counter* count;
    prometheus::Histogram* latency;
    std::string_view method; // as it is told; empty: of many methods
    Outcome outcome;
};

const char* nameOf(Gauge gauge) {
    switch (gauge) {
        case Gauge::connections: return "gatehouse_connections";
        case Gauge::eventStreams: return "gatehouse_event_streams";
        case Gauge::openClients: return "gatehouse_open_clients";
        case Gauge::sessions: return "gatehouse_sessions";
        case Gauge::liveIdentities: return "gatehouse_live_tokens";
        case Gauge::workerThreads: return "gatehouse_worker_threads";
        case Gauge::overdueWorkers: return "gatehouse_overdue_workers";
    }
    return "gatehouse_unknown";
}

const char* nameOf(Counter counter) {
    switch (counter) {
        case Counter::tokenReloads: return "gatehouse_token_reloads_total";
        case Counter::tokenReloadFailures: return "gatehouse_token_reload_failures_total";
        case Counter::overloaded: return "gatehouse_overloaded_total";
        case Counter::loopStalls: return "gatehouse_loop_stalls_total";
        case Counter::clientsCreated: return "gatehouse_clients_created_total";
        case Counter::clientsClosed: return "gatehouse_clients_closed_total";
    }
    return "gatehouse_unknown_total";
}

} // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& calls = prometheus::BuildCounter()
                                                         .Name("gatehouse_requests_total")
                                                         .Help("Requests by method and outcome")
                                                         .Register(registry);
    prometheus::Family<prometheus::Histogram>& latency = prometheus::BuildHistogram()
                                                             .Name("gatehouse_request_seconds")
                                                             .Help("Time from head to answer by method and outcome")
                                                             .Register(registry);
    prometheus::Family<prometheus::Counter>& verdicts = prometheus::BuildCounter()
                                                            .Name("gatehouse_verdicts_total")
                                                            .Help("Answers of validators; cached ones are not counted")
                                                            .Register(registry);
    prometheus::Family<prometheus::Gauge>& budgets = prometheus::BuildGauge()
                                                         .Name("gatehouse_budget_used")
                                                         .Help("Held of each budget, in its own unit")
                                                         .Register(registry);
    prometheus::Family<prometheus::Counter>& refusals =
        prometheus::BuildCounter()
            .Name("gatehouse_budget_refusals_total")
            .Help("What was refused because one caller, or all, had too much of it")
            .Register(registry);
    std::array<prometheus::Gauge*, gaugeCount> gauges{};
    std::array<prometheus::Counter*, tallyCount> counters{};
    prometheus::Histogram& revocationLag =
        prometheus::BuildHistogram()
            .Name("gatehouse_revocation_lag_seconds")
            .Help("From the end of a token being asked for, in any process, to its being refused in this one")
            .Register(registry)
            .Add({}, latencyBuckets());
    prometheus::Family<prometheus::Gauge>& expiring = prometheus::BuildGauge()
                                                          .Name("gatehouse_tokens_expiring")
                                                          .Help("Tokens in force that end within so many days")
                                                          .Register(registry);
    prometheus::Family<prometheus::Counter>& told = prometheus::BuildCounter()
                                                        .Name("gatehouse_webhook_deliveries_total")
                                                        .Help("Events of tokens that were sent to webhooks")
                                                        .Register(registry);
    prometheus::Gauge* auditDropped = nullptr;
    prometheus::Gauge* logDropped = nullptr;

    // Of HTTP, and what a client only tells; requests of MCP come by name(). What else clients send is no label.
    std::set<std::string, std::less<>> methods{"DELETE",
                                               "GET",
                                               "POST",
                                               "notifications/cancelled",
                                               "notifications/initialized",
                                               "notifications/progress",
                                               "notifications/roots/list_changed"};
    std::mutex mutex;                                            // guards known
    std::map<std::pair<std::string_view, Outcome>, Calls> known; // the method's label is one of `methods`, or "other"

    std::string_view methodLabel(std::string_view method) const {
        const auto found = methods.find(method);
        return found == methods.end() ? std::string_view("other") : std::string_view(*found);
    }

    std::map<std::string, prometheus::Gauge*, std::less<>> budgetGauges; // also guarded

    prometheus::Gauge& budgetGauge(std::string_view budget) {
        std::lock_guard lock(mutex);
        const auto found = budgetGauges.find(budget);
        if (found != budgetGauges.end()) return *found->second;
        auto& gauge = budgets.Add({{"budget", std::string(budget)}});
        budgetGauges.emplace(budget, &gauge);
        return gauge;
    }
    std::atomic<const Calls*> last{nullptr}; // calls are mostly like the one before

    const Calls& callsOf(std::string_view method, Outcome outcome) {
        const Calls* const before = last.load(std::memory_order_acquire);
        if (before && before->method == method && before->outcome == outcome) return *before;
        std::lock_guard lock(mutex);
        const Calls& found = lookUp(method, outcome);
        if (found.method == method) last.store(&found, std::memory_order_release);
        return found;
    }
    const Calls& lookUp(std::string_view method, Outcome outcome) {
        const auto key = std::make_pair(methodLabel(method), outcome);
        const auto found = known.find(key);
        if (found != known.end()) return found->second;
        const prometheus::Labels labels{{"method", std::string(key.first)},
                                        {"outcome", std::string(outcomeName(outcome))}};
        // Made before it is kept: without memory for one of them nothing half-made stays behind.
        const bool isOne = methods.find(method) != methods.end();
        const Calls made{&calls.Add(labels), &latency.Add(labels, latencyBuckets()),
                         isOne ? key.first : std::string_view(), outcome};
        return known.emplace(key, made).first->second;
    }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
    for (std::size_t i = 0; i < impl_->gauges.size(); ++i)
        impl_->gauges[i] =
            &prometheus::BuildGauge().Name(nameOf(static_cast<Gauge>(i))).Register(impl_->registry).Add({});
    for (std::size_t i = 0; i < impl_->counters.size(); ++i)
        impl_->counters[i] =
            &prometheus::BuildCounter().Name(nameOf(static_cast<Counter>(i))).Register(impl_->registry).Add({});
    auto& dropped = prometheus::BuildGauge()
                        .Name("gatehouse_dropped_lines")
                        .Help("Lines that could not be written")
                        .Register(impl_->registry);
    impl_->auditDropped = &dropped.Add({{"where", "audit"}});
    impl_->logDropped = &dropped.Add({{"where", "log"}});
}

Metrics::~Metrics() = default;

void Metrics::name(const std::vector<std::string>& methods) { impl_->methods.insert(methods.begin(), methods.end()); }

void Metrics::decided(const AuditEvent& event) {
    const Calls& calls = impl_->callsOf(event.method, event.outcome);
    calls.count->Increment();
    calls.latency->Observe(std::chrono::duration<double>(event.took).count());
}

void Metrics::judged(std::string_view validator, std::string_view outcome, std::string_view reason) {
    impl_->verdicts
        .Add(
            {{"validator", std::string(validator)}, {"outcome", std::string(outcome)}, {"reason", std::string(reason)}})
        .Increment();
}

void Metrics::changed(Gauge gauge, std::int64_t by) {
    impl_->gauges[static_cast<std::size_t>(gauge)]->Increment(static_cast<double>(by));
}

void Metrics::counted(Counter counter) { impl_->counters[static_cast<std::size_t>(counter)]->Increment(); }

void Metrics::revoked(std::chrono::nanoseconds after) {
    impl_->revocationLag.Observe(std::max(0.0, std::chrono::duration<double>(after).count()));
}

void Metrics::expiring(int days, std::int64_t count) {
    impl_->expiring.Add({{"within", std::to_string(days) + "d"}}).Set(static_cast<double>(count));
}

void Metrics::told(std::string_view event, std::string_view outcome) {
    impl_->told.Add({{"event", std::string(event)}, {"outcome", std::string(outcome)}}).Increment();
}

void Metrics::budgetUsed(std::string_view budget, std::int64_t by) {
    impl_->budgetGauge(budget).Increment(static_cast<double>(by));
}

void Metrics::budgetRefused(std::string_view budget) {
    impl_->refusals.Add({{"budget", std::string(budget)}}).Increment();
}

void Metrics::setDropped(std::uint64_t auditLines, std::uint64_t logLines) {
    impl_->auditDropped->Set(static_cast<double>(auditLines));
    impl_->logDropped->Set(static_cast<double>(logLines));
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(impl_->registry.Collect()); }

} // namespace gatehouse
