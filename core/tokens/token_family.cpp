#include "tokens/token_family.hpp"

#include <algorithm>
#include <set>

namespace gatehouse {

namespace {

// A held parent holds its children; a child that is held itself says why by its own state.
void narrow(TokenMatch& match, const TokenEntry& parent, WallTime now) {
    match.until = std::min(match.until, parent.record.expiresAt);
    if (match.status == TokenStatus::active) match.status = statusOf(parent, now);
}

GoneToken::Why whyOf(const TokenMatch& token) {
    if (token.status == TokenStatus::notYetValid) return GoneToken::Why::notYetValid;
    if (token.status != TokenStatus::expired) return GoneToken::Why::suspended;
    return token.isPrevious ? GoneToken::Why::replaced : GoneToken::Why::expired;
}

WallTime sinceOf(const TokenMatch& token) {
    if (token.status == TokenStatus::notYetValid) return token.entry->notBefore;
    if (token.status == TokenStatus::expired) return token.until;
    return token.entry->suspendedAt.value_or(WallTime{});
}

} // namespace

std::optional<GoneToken> heldAs(const TokenMatchResult& found) {
    const auto* token = std::get_if<TokenMatch>(&found);
    if (!token || token->status == TokenStatus::active) return std::nullopt;
    return GoneToken{.digest = token->entry->digest,
                     .id = token->entry->record.id,
                     .note = token->entry->record.note,
                     .expiresAt = token->until,
                     .why = whyOf(*token),
                     .goneAt = sinceOf(*token)};
}

TokenMatchResult matchOf(std::shared_ptr<const TokenEntry> entry, const Sha256& digest, const EntryById& byId,
                         WallTime now) {
    TokenMatch out{.entry = entry, .status = statusOf(*entry, now), .until = entry->record.expiresAt};
    if (digest != entry->digest) {
        if (!entry->previous || !equalInConstantTime(entry->previous->digest, digest)) return TokenUnknown{};
        out.isPrevious = true;
        out.until = std::min(out.until, entry->previous->validUntil);
    }
    while (!entry->parent.empty()) {
        entry = byId(entry->parent);
        if (!entry || out.parents.size() == maxDerivations) return TokenUnknown{};
        narrow(out, *entry, now);
        out.parents.push_back(entry);
    }
    if (out.status == TokenStatus::active && out.until <= now) out.status = TokenStatus::expired;
    return out;
}

// Its own lists are what it is limited to beside its parent's, which hold for it as well.
TokenEntry childOf(const TokenEntry& parent, std::string id, WallTime now) {
    TokenEntry child;
    child.record = parent.record;
    child.record.id = std::move(id);
    child.record.createdAt = now;
    child.terms.scopes = parent.terms.scopes;
    child.terms.databases = parent.terms.databases;
    child.owner = parent.owner;
    child.createdBy = parent.record.id;
    child.parent = parent.record.id;
    return child;
}

std::string widerThan(const TokenEntry& child, const TokenEntry& parent) {
    const auto& theirs = parent.terms.scopes;
    for (const std::string& scope : child.terms.scopes)
        if (std::find(theirs.begin(), theirs.end(), scope) == theirs.end())
            return "scopes: the token that it is derived from has no " + scope;
    if (child.record.expiresAt > parent.record.expiresAt)
        return "expiry: the token that it is derived from ends before";
    if (parent.purpose != TokenPurpose::mcp || child.purpose != TokenPurpose::mcp)
        return "a credential that manages tokens is not derived from, nor derived";
    return {};
}

bool meansSame(const TokenEntry& a, const TokenEntry& b) {
    return a.digest == b.digest && a.record.id == b.record.id && a.record.database == b.record.database &&
           a.record.expiresAt == b.record.expiresAt && a.terms == b.terms && a.suspendedAt == b.suspendedAt &&
           a.notBefore == b.notBefore && a.parent == b.parent && a.previous == b.previous && a.purpose == b.purpose;
}

std::vector<std::string> withDerived(const std::vector<std::string>& ids, const std::vector<TokenEntry>& entries) {
    std::set<std::string> named(ids.begin(), ids.end());
    std::size_t before = 0;
    while (before != named.size()) {
        before = named.size();
        for (const TokenEntry& entry : entries)
            if (named.count(entry.parent) != 0) named.insert(entry.record.id);
    }
    return {named.begin(), named.end()};
}

} // namespace gatehouse
