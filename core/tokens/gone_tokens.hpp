// The `removed:` list of a token file: why tokens that were in it are in force no more.
//
//     removed:
//     - id: token-1234567890
//       sha256: <64 hex digits>                 (not "hash": it makes no token when it is moved to the tokens)
//       note: Production API
//       expires_at: "2025-10-30T10:15:30Z"      (absent: never)
//       reason: expired                          (or removed; or replaced, by a rotation: the token goes on)
//       because: found in a public repository    (in the words of who removed it)
//       removed_at: "2025-11-02T08:00:00Z"
//       token: {owner: ops, scopes: [...]}       (what else was kept of it, to make it anew)
//
// It stands outside of `tokens:`, is never read as one, and decides nothing: it says why a refused token is refused.
// So reading is lenient: a record that is wrong is left out, and holds up no change of the tokens.
//
// Threads: any; nothing is kept.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "tokens/token_entry.hpp"

namespace gatehouse {

// Of a file, and in a database of each owner; more: the oldest are forgotten.
inline constexpr std::size_t maxGoneTokens = 1'000;
inline constexpr std::chrono::hours goneTokensKept{24 * 30}; // after `removed_at`; then they are forgotten

// Of the file's `root`, oldest first.
std::vector<GoneToken> goneTokens(const YAML::Node& root, WallTime now);

// Adds `more` to the list in `root` and forgets what is too old or too much.
void keepGoneTokens(YAML::Node& root, std::vector<GoneToken> more, WallTime now);

} // namespace gatehouse
