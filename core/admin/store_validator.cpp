#include "admin/store_validator.hpp"

#include <algorithm>

#include <gatehouse/json.hpp>

#include "tokens/token_text.hpp"

namespace gatehouse::admin {

namespace {

// Scopes of this route alone: no token is given them, and /mcp never sees them.
constexpr const char* manageScope = "tokens:manage";
constexpr const char* allScope = "tokens:all";
constexpr const char* signInScope = "tokens:sign_in";

Identity identityOf(const std::string& id, const std::string& owner) {
    Identity identity;
    identity.issuer = "gatehouse";
    identity.subject = owner.empty() ? id : owner;
    identity.tokenId = identity.isolationKey = id;
    return identity;
}

void letManage(Identity& identity, const std::string& owner) {
    identity.scopes.emplace_back(manageScope);
    if (owner.empty()) identity.scopes.emplace_back(allScope);
}

Identity identityOf(const TokenMatch& token) {
    const TokenEntry& entry = *token.entry;
    Identity identity = identityOf(entry.record.id, entry.owner);
    identity.expiresAt = token.until;
    if (entry.purpose == TokenPurpose::manage) letManage(identity, entry.owner);
    if (entry.purpose == TokenPurpose::signIn) identity.scopes.emplace_back(signInScope);
    if (entry.purpose == TokenPurpose::signIn && entry.owner.empty()) identity.scopes.emplace_back(allScope);
    return identity;
}

bool has(const Identity& identity, const char* scope) {
    return std::find(identity.scopes.begin(), identity.scopes.end(), scope) != identity.scopes.end();
}

} // namespace

Manager managerOf(const Identity& identity) {
    const Json claims = Json::parse(identity.claimsJson, nullptr, false);
    return {.manages = has(identity, manageScope),
            .signsIn = has(identity, signInScope),
            .owner = has(identity, allScope) ? "" : identity.subject,
            .id = identity.tokenId,
            .csrf = claims.is_object() ? claims.value("csrf", "") : ""};
}

ValidatorTraits StoreValidator::traits() const {
    ValidatorTraits traits;
    traits.runsInline = true;
    return traits;
}

Verdict StoreValidator::validate(const TokenRequest& request) {
    return request.scheme == "Cookie" ? ofSession(request.tokenSha256) : ofToken(request.tokenSha256);
}

// Asked each time: a session lives by its use.
Verdict StoreValidator::ofSession(const Sha256& digest) {
    const auto session = sessions_.find(digest);
    if (!session) return Rejected{Rejected::Reason::unknown, "no session", CachePolicy::never()};
    Identity identity = identityOf(session->id, session->owner);
    letManage(identity, session->owner);
    identity.claimsJson = Json({{"csrf", session->csrf}}).dump();
    return Accepted{std::move(identity), CachePolicy::never()};
}

// Kept until the store changes, as every verdict about a token of the store.
Verdict StoreValidator::ofToken(const Sha256& digest) {
    const TokenMatchResult found = store_.match(digest);
    if (std::holds_alternative<TokenStoreDown>(found)) return Unavailable{"the token store cannot answer"};
    const CachePolicy untilChanged = CachePolicy::forToken();
    const auto* token = std::get_if<TokenMatch>(&found);
    if (token && token->status == TokenStatus::active) return Accepted{identityOf(*token), untilChanged};
    if (token && token->status == TokenStatus::expired)
        return Rejected{Rejected::Reason::expired, token->entry->record.id, untilChanged};
    if (token) return Rejected{Rejected::Reason::forbidden, token->entry->record.id + " is held", untilChanged};
    const auto gone = store_.findGone(digest);
    return Rejected{gone ? Rejected::Reason::revoked : Rejected::Reason::unknown,
                    gone ? goneWords(*gone) : "token not found in database", untilChanged};
}

} // namespace gatehouse::admin
