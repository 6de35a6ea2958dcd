#include "auth/authorizer.hpp"

namespace gatehouse {

namespace {

// Sizes keep ["a b"] and ["a", "b"] apart.
std::string keyOf(const std::vector<std::string>& scopes) {
    std::string key;
    for (const std::string& scope : scopes) key.append(std::to_string(scope.size())).append(":").append(scope);
    return key;
}

} // namespace

Authorizer::Authorizer(Policy policy)
    : policy_(std::move(policy)), everything_(std::make_shared<const Grants>(Grants::everything())) {}

GrantsPtr Authorizer::grantsOf(const Caller& caller) {
    const bool nothingAsked = policy_.asksForNothing() && caller.requiredScopes.empty();
    if (nothingAsked || caller.origin == Caller::Origin::local) return everything_;
    std::string key = keyOf(caller.identity.scopes);
    if (const auto known = kept_.find(key); known != kept_.end()) return known->second;
    if (kept_.size() >= maxKept) kept_.clear();
    auto grants = std::make_shared<const Grants>(policy_.grantsOf(caller.identity.scopes));
    return kept_.emplace(std::move(key), std::move(grants)).first->second;
}

bool mayUse(const Caller& caller, FeatureKind kind, std::string_view name) {
    return kind != FeatureKind::tool || !caller.rules || caller.rules->allowsTool(name);
}

std::vector<std::string> Authorizer::lacking(const Caller& caller, const Grants& grants) const {
    return policy_.refusal(caller.requiredScopes, grants);
}

} // namespace gatehouse
