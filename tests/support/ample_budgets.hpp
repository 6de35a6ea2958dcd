// Budgets for tests that are not about them, and one that grants nothing of what it is asked for beyond a limit.
#pragma once

#include "base/silent_telemetry.hpp"
#include "mcp/budgets.hpp"

namespace gatehouse::test {

struct AmpleBudgets {
    SilentTelemetry telemetry;
    mcp::Budgets all{{}, telemetry};
};

} // namespace gatehouse::test
