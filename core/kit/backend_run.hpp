// The conformance kit for backends, from its settings to its report: one call of every feature, many at once, calls
// that are interrupted, and what is left behind.
// Threads: called on one, while the process has no other.
#pragma once

#include <iosfwd>

#include "kit/backend_checks.hpp"

namespace gatehouse::kit {

// Writes the report. The exit code: 0 without faults, 1 with.
int runBackendChecks(const BackendPlan& plan, const MakeBackend& make, std::ostream& out);

} // namespace gatehouse::kit
