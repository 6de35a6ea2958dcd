// What the gate would answer to a verdict, without a gate: for people who ask why.
// Threads: any; nothing is kept.
#pragma once

#include <optional>
#include <string>

#include <gatehouse/verdict.hpp>

#include "auth/challenge.hpp"
#include "auth/policy.hpp"

namespace gatehouse {

// The HTTP refusal; nothing when the caller is let in.
std::optional<GateRefusal> refusalFor(const Verdict& verdict, const Policy& policy, const Challenge& challenge);
// "accepted as <subject>", "rejected (expired): ...", "unavailable: ...".
std::string wordsFor(const Verdict& verdict);

} // namespace gatehouse
