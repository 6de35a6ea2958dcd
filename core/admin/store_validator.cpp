#include "admin/store_validator.hpp"

#include <algorithm>

#include "tokens/token_text.hpp"

namespace gatehouse::admin {

namespace {

// Scopes of this route alone: no token is given them, and /mcp never sees them.
constexpr const char* manageScope = "tokens:manage";
constexpr const char* allScope = "tokens:all";

Identity identityOf(const TokenMatch& token) {
    const TokenEntry& entry = *token.entry;
    Identity identity;
    identity.issuer = "gatehouse";
    identity.subject = entry.owner.empty() ? entry.record.id : entry.owner;
    identity.tokenId = identity.isolationKey = entry.record.id;
    identity.expiresAt = token.until;
    if (entry.manages) identity.scopes.emplace_back(manageScope);
    if (entry.manages && entry.owner.empty()) identity.scopes.emplace_back(allScope);
    return identity;
}

bool has(const Identity& identity, const char* scope) {
    return std::find(identity.scopes.begin(), identity.scopes.end(), scope) != identity.scopes.end();
}

} // namespace

Manager managerOf(const Identity& identity) {
    return {.manages = has(identity, manageScope),
            .owner = has(identity, allScope) ? "" : identity.subject,
            .id = identity.tokenId};
}

ValidatorTraits StoreValidator::traits() const {
    ValidatorTraits traits;
    traits.runsInline = true;
    return traits;
}

// Kept until the store changes, as every verdict about a token of the store.
Verdict StoreValidator::validate(const TokenRequest& request) {
    const TokenMatchResult found = store_.match(request.tokenSha256);
    if (std::holds_alternative<TokenStoreDown>(found)) return Unavailable{"the token store cannot answer"};
    const CachePolicy untilChanged = CachePolicy::forToken();
    const auto* token = std::get_if<TokenMatch>(&found);
    if (token && token->status == TokenStatus::active) return Accepted{identityOf(*token), untilChanged};
    if (token && token->status == TokenStatus::expired)
        return Rejected{Rejected::Reason::expired, token->entry->record.id, untilChanged};
    if (token) return Rejected{Rejected::Reason::forbidden, token->entry->record.id + " is held", untilChanged};
    const auto gone = store_.findGone(request.tokenSha256);
    return Rejected{gone ? Rejected::Reason::revoked : Rejected::Reason::unknown,
                    gone ? goneWords(*gone) : "token not found in database", untilChanged};
}

} // namespace gatehouse::admin
