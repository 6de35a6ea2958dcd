// Tokens that say nothing themselves: what the authorization server, or the host's token store, says of them.
// Threads: any; nothing is kept.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gatehouse/host.hpp>

#include "kit/kit_provider.hpp"
#include "kit/token_class.hpp"

namespace gatehouse::kit {

// Of introspection (RFC 7662); the provider learns of every token.
TokenClass introspectedTokens(const KitIssuer& issuer, KitProvider& provider);

// What the host's store knows of each token.
using TokenTable = std::map<Sha256, TokenLookup>;
TokenClass storedTokens(TokenTable& table);

// One's own: `good` must be accepted, `bad` refused. The report names them by number.
TokenClass listedTokens(const std::vector<std::string>& good, const std::vector<std::string>& bad);

} // namespace gatehouse::kit
