// Tokens that were derived from others: a child may do no more than its parent, and dies with it.
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tokens/token_store.hpp"

namespace gatehouse {

inline constexpr std::size_t maxDerivations = 4; // of a token from a token from ...

// The token of that id; null when there is none.
using EntryById = std::function<std::shared_ptr<const TokenEntry>(const std::string& id)>;

// What a text of `entry` stands for at `now`. Unknown when a parent is gone, or they are too many.
TokenMatchResult matchOf(std::shared_ptr<const TokenEntry> entry, const Sha256& digest, const EntryById& byId,
                         WallTime now);

// Why a text that is known may not be used; nothing when it may.
std::optional<GoneToken> heldAs(const TokenMatchResult& found);

// It lets in whom it let in, for as long, and as much.
bool meansSame(const TokenEntry& a, const TokenEntry& b);

// A token derived from `parent`, that may do what it may.
TokenEntry childOf(const TokenEntry& parent, std::string id, WallTime now);
// What `child` would have beyond `parent`, in words; empty when there is nothing.
std::string widerThan(const TokenEntry& child, const TokenEntry& parent);

// `ids`, and of `entries` those that are derived from one of them, directly or not.
std::vector<std::string> withDerived(const std::vector<std::string>& ids, const std::vector<TokenEntry>& entries);

} // namespace gatehouse
