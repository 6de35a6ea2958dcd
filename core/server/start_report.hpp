// What the log says at the start: which validator is in force, and which rules of the policy do less than they look.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

#include <gatehouse/backend.hpp>

#include "auth/policy.hpp"
#include "config/config.hpp"

namespace gatehouse {

// One line: the validator or the chain, the source that chose it, and for each its issuer and audience where it has
// such settings. `resourceUrl` is the audience where none is set; `tokenFile` the file in force.
std::string validatorInForce(const AuthSettings& settings, const std::string& resourceUrl,
                             const std::string& tokenFile);

// Required scopes and rules that can refuse nobody but a token without any scope.
std::vector<std::string> idleRules(const Policy& policy, const AuthSettings& settings);

// What every caller needs: the policy's required scopes, and those of the validators in force.
std::vector<std::string> requiredScopesOf(const AuthSettings& settings, const Policy& policy);

// Patterns of rules that no tool, resource or prompt of the backend fits now. What a template makes is not known
// before it is read: where there are templates, patterns of resources are not looked at. "*" is never told.
std::vector<std::string> unfittingRules(const Policy& policy, const Backend& backend);

} // namespace gatehouse
