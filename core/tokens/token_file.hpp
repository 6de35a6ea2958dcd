// The token file: YAML, a list or a map of tokens, as written by hand or by "gatehouse token add".
//
//     tokens:                                     tokens:
//     - id: token-1234567890                        token-1234567890:
//       hash: <64 hex digits>                         hash: <64 hex digits>
//       note: Production API                          annotation: Production API
//       created_at: "2024-10-30T10:15:30Z"            created_at: "2024-10-30T10:15:30Z"
//       expires_at: "2025-10-30T10:15:30Z"            expires_at: null
//                                                     database: staging
//
// Reading is strict: the first thing that is wrong is an error with its line. Writing keeps the form that was found
// and every field that is not ours. Beside `tokens:` stands why others have gone: gone_tokens.hpp.
//
// Threads: any; TokenFile itself holds nothing but a path.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tokens/token_store.hpp"

namespace YAML {
class Node;
}

namespace gatehouse {

struct TokenFileContent {
    std::vector<TokenEntry> tokens; // in the file's order
    std::vector<GoneToken> gone;    // oldest first, as far as they are remembered at the time of reading
};

// Throws TokenStoreError.
TokenFileContent parseTokenFile(const std::string& text, const std::string& file, WallTime now);
std::vector<TokenEntry> parseTokens(const std::string& text, const std::string& file);

class TokenFile {
public:
    explicit TokenFile(std::string path) : path_(std::move(path)) {}
    const std::string& path() const { return path_; }

    // At most 8 MiB, a regular file. Throws TokenStoreMissing, TokenStoreError.
    std::string readText() const;
    // Why others may read or write the file; empty when they may not, or there is none.
    std::string openToOthers() const;
    std::vector<TokenEntry> read() const { return parseTokens(readText(), path_); }

    // What changes the file does so under its lock, so that several writers lose nothing; it is written beside, synced
    // and renamed, so that a crash leaves old or new. Throws TokenStoreError, LockError, std::system_error.

    // Adds one token; makes the file (mode 0600) and its folder (0700) when there is none.
    void add(const TokenEntry& entry) const;

    // Changes one token in its place, with all fields that are not ours; false, and nothing is written, when there is
    // none of that id. When its digest changes, the old one is remembered as removed.
    bool change(const std::string& id, const std::function<void(TokenEntry&)>& change, WallTime now) const;

    using Which = std::function<bool(const TokenEntry&)>;
    // Removes every token that `which` names and returns them; nothing is written when it names none.
    std::vector<TokenEntry> removeIf(const Which& which) const;
    // The same, and remembers why they have gone.
    std::vector<TokenEntry> retireIf(const Which& which, GoneToken::Why why, WallTime now) const;

private:
    using TakenOut = std::function<void(YAML::Node& root, const std::vector<TokenEntry>& taken)>;
    std::vector<TokenEntry> takeOut(const Which& which, const TakenOut& takenOut) const;

    const std::string path_;
};

} // namespace gatehouse
