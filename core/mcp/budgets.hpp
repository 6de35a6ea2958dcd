// Budgets: what the callers of MCP may hold, each of them and all together. docs/limits.md explains every one.
// Threads: one (the loop's).
#pragma once

#include "base/budget.hpp"

namespace gatehouse::mcp {

struct BudgetOptions {
    BudgetLimits calls{32, 1024};                    // on a worker, or next in line for one
    BudgetLimits openCalls{1'000, 10'000};           // those, and calls that wait for their client, and tasks at work
    BudgetLimits streams{5'000, 20'000};             // event streams that stay open
    BudgetLimits keptEvents{16u << 20, 128u << 20};  // bytes, for Last-Event-ID
    BudgetLimits subscriptions{4u << 20, 64u << 20}; // bytes of resource URIs and task ids
    BudgetLimits taskResults{16u << 20, 128u << 20}; // bytes
};

struct Budgets {
    Budgets(const BudgetOptions& options, Telemetry& telemetry)
        : calls("calls", options.calls, telemetry), openCalls("open_calls", options.openCalls, telemetry),
          streams("streams", options.streams, telemetry), keptEvents("kept_events", options.keptEvents, telemetry),
          subscriptions("subscriptions", options.subscriptions, telemetry),
          taskResults("task_results", options.taskResults, telemetry) {}
    Budget calls, openCalls, streams, keptEvents, subscriptions, taskResults;
};

} // namespace gatehouse::mcp
