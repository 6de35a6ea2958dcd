// What the Authenticator asks of our own token store. With a null store each is empty: there is nothing to ask.
// Threads: any, where the store does not block; rulesIn() on a worker, where it may.
#pragma once

#include <functional>
#include <optional>

#include "auth/live_identities.hpp"
#include "auth/token_rules.hpp"

namespace gatehouse {

// What a token may do; null: it is none of the store's; nothing: that cannot be said now.
std::function<std::optional<TokenRulesPtr>(const Sha256&)> rulesIn(const TokenStore* store);
// Until when a caller's text is as good as before; nothing: it means something else now, or is gone.
LiveIdentities::UntilOf standingIn(const TokenStore* store);
// Whether what was judged before holds.
std::function<bool()> freshnessOf(const TokenStore* store);

} // namespace gatehouse
