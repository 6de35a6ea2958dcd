#include "server/store_judgements.hpp"

namespace gatehouse {

std::function<std::optional<TokenRulesPtr>(const Sha256&)> rulesIn(const TokenStore* store) {
    if (!store) return {};
    return [store](const Sha256& digest) -> std::optional<TokenRulesPtr> {
        const TokenMatchResult found = store->match(digest);
        if (std::holds_alternative<TokenStoreDown>(found)) return std::nullopt;
        const auto* token = std::get_if<TokenMatch>(&found);
        return token ? std::make_shared<const TokenRules>(*token) : nullptr;
    };
}

// After a rotation with an overlap the text before goes on, until its own end.
LiveIdentities::UntilOf standingIn(const TokenStore* store) {
    if (!store) return {};
    return [store](const Caller& caller) -> std::optional<WallTime> {
        const auto token = store->recentMatch(caller.tokenDigest);
        const bool stands =
            token && token->status == TokenStatus::active && caller.rules && caller.rules->isSameAs(TokenRules(*token));
        return stands ? std::optional(token->until) : std::nullopt;
    };
}

std::function<bool()> freshnessOf(const TokenStore* store) {
    if (!store || !store->mayBlock()) return {};
    return [store] { return store->isFresh(); };
}

} // namespace gatehouse
