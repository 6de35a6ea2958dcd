// What the log says at the start: which validator is in force, and which rules of the policy do less than they look.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

#include "auth/policy.hpp"
#include "config/config.hpp"

namespace gatehouse {

// One line: the validator or the chain, the source that chose it, and for each its issuer and audience where it has
// such settings. `resourceUrl` is the audience where none is set; `tokenFile` the file in force.
std::string validatorInForce(const AuthSettings& settings, const std::string& resourceUrl,
                             const std::string& tokenFile);

// Required scopes and rules that can refuse nobody but a token without any scope.
std::vector<std::string> idleRules(const Policy& policy, const AuthSettings& settings);

} // namespace gatehouse
