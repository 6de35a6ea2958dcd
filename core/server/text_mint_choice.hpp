// How the settings have the texts of tokens made: auth.tokens.kind. Threads: any; nothing is kept.
#pragma once

#include "config/config.hpp"
#include "tokens/text_mint.hpp"

namespace gatehouse {

// Throws SettingsError where a JWT is wanted and no validator in force would take it while its record exists, and only
// then: `jwt` with a secret and check_token_store.
TokenMint tokenMintOf(const Config& config);

} // namespace gatehouse
