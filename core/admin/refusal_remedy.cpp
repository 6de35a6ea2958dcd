#include "admin/refusal_remedy.hpp"

#include <map>

namespace gatehouse::admin {

std::string remedyOf(std::string_view reason) {
    static const std::map<std::string_view, const char*> remedies{
        {"expired", "Its time is over. Rotate it, and give the new text to this client."},
        {"revoked",
         "It was revoked, or this text was replaced by a rotation. This client needs the new text, or a "
         "token of its own."},
        {"forbidden", "It is suspended, not yet valid, or bound to other networks. Resume it, or change its networks."},
        {"insufficient_scope", "It lacks a scope. Make one that has it."},
        {"tool_not_allowed", "Its tools leave this one out. Allow it, or use another token for it."},
        {"policy", "The policy keeps its scopes from this. Ask the operator, or make one with more scopes."},
        {"rate_limit", "It calls more often than it may. Raise its rate limit, or call less."},
        {"used_up", "It has made all its calls. Derive another one."}};
    const auto known = remedies.find(reason);
    return known == remedies.end() ? "The runbook of the server tells what this means." : known->second;
}

} // namespace gatehouse::admin
