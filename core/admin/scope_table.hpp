// The scopes that people can give a token, and what they mean. Source: seed of the token guide, "Token Scopes and
// Permissions"; the policy's own stand beside them.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

#include <gatehouse/json.hpp>

namespace gatehouse::admin {

std::vector<std::string> grantableScopes(const std::vector<std::string>& ofPolicy);
// [{scope, description}], in the order of a form.
Json scopeTable(const std::vector<std::string>& ofPolicy);
// What a token gets that asks for nothing.
std::vector<std::string> leastScopes();
// Given on the host alone, if at all.
bool isReservedScope(const std::string& scope);

} // namespace gatehouse::admin
