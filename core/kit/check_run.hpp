// The conformance kit for token validators, from its settings to its report.
//
// It makes an issuer with keys of its own and a provider on 127.0.0.1, gives their names to the validator's settings,
// and judges what the validator says of several hundred tokens, of many at once, of a provider that is down, and what
// it leaves behind.
// Threads: called on one, while the process has no other.
#pragma once

#include <iosfwd>

#include "kit/check_plan.hpp"
#include "kit/subject.hpp"

namespace gatehouse::kit {

// Writes the report. The exit code: 0 without faults, 1 with.
int runChecks(const CheckPlan& plan, const MakeValidator& make, std::ostream& out);

} // namespace gatehouse::kit
