// Budgets for tests that are not about them, and one that grants nothing of what it is asked for beyond a limit.
#pragma once

#include "base/silent_observer.hpp"
#include "mcp/budgets.hpp"

namespace gatehouse::test {

struct AmpleBudgets {
    SilentObserver observer;
    mcp::Budgets all{{}, observer};
};

} // namespace gatehouse::test
