#include "tokens/token_store.hpp"

namespace gatehouse {

// One that has just expired is found: who judges it can say so.
TokenLookup TokenStore::find(const Sha256& digest) const {
    const TokenMatchResult found = match(digest);
    if (std::holds_alternative<TokenStoreDown>(found)) return TokenStoreDown{};
    const auto* token = std::get_if<TokenMatch>(&found);
    const bool isTold = token && token->entry->purpose == TokenPurpose::mcp &&
                        (token->status == TokenStatus::active || token->status == TokenStatus::expired);
    if (!isTold) return TokenUnknown{};
    TokenRecord record = token->entry->record;
    record.expiresAt = token->until;
    return record;
}

} // namespace gatehouse
