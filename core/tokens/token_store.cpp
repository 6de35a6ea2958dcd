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

std::vector<TokenEntry> TokenStore::listEnding(WallTime by) const {
    auto entries = list();
    std::erase_if(entries, [&](const TokenEntry& entry) { return entry.record.expiresAt > by; });
    return entries;
}

void TokenStore::visit(const std::string& owner, const Visit& visit) const {
    for (TokenEntry& entry : list())
        if (owner.empty() || entry.owner == owner) visit(entry);
}

void TokenStore::visitGone(const VisitGone& visit) const {
    for (GoneToken& gone : listGone()) visit(gone);
}

std::optional<GoneToken> TokenStore::getGone(const std::string& id) const {
    std::optional<GoneToken> out;
    visitGone([&](GoneToken& gone) {
        if (gone.id == id && gone.why != GoneToken::Why::replaced) out = std::move(gone);
    });
    return out;
}

// One that does not block is asked at once.
std::optional<TokenMatch> TokenStore::recentMatch(const Sha256& digest) const {
    TokenMatchResult found = match(digest);
    auto* token = std::get_if<TokenMatch>(&found);
    return token ? std::optional(std::move(*token)) : std::nullopt;
}

} // namespace gatehouse
