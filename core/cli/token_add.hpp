// gatehouse token add: asks for what is not given, makes the token, shows it once.
#pragma once

#include "cli/command.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse::cli {

// A token that cannot be shown is taken back, and the command fails. Throws UsageError, and what TokenFile throws.
int addToken(const Console& console, const Arguments& arguments, const Config& config, TokenStore& store);

} // namespace gatehouse::cli
