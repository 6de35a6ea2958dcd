// Authorizer: what a caller may do on one route, by its policy. The caller itself carries no rights: another route may
// judge it by another policy, and a new policy judges callers that are known already.
//
// Threads: one (the loop's); grants may be read from any.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/caller.hpp"
#include "auth/policy.hpp"

namespace gatehouse {

using GrantsPtr = std::shared_ptr<const Grants>;

class Authorizer {
public:
    static constexpr std::size_t maxKept = 1024; // sets of scopes whose inclusions are worked out already

    explicit Authorizer(Policy policy);

    // Its scopes and all that they include. Everything for local callers, and where no scope is required.
    GrantsPtr grantsOf(const Caller& caller);
    // What every call needs, when this caller has not all of it; empty: go on.
    std::vector<std::string> lacking(const Caller& caller, const Grants& grants) const;
    const Policy& policy() const { return policy_; }

private:
    const Policy policy_;
    const GrantsPtr everything_;
    std::unordered_map<std::string, GrantsPtr> kept_; // by the scopes
};

// Whether the caller's own token lets it: one of our store may be limited to tools.
bool mayUse(const Caller& caller, FeatureKind kind, std::string_view name);

} // namespace gatehouse
