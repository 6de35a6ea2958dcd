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
// The fields of token_fields.hpp stand beside these. What is in the text, and how it changes: token_document.hpp.
//
// Threads: any; TokenFile itself holds nothing but a path.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tokens/token_store.hpp"

namespace gatehouse {

class TokenDocument;

struct TokenFileContent {
    std::vector<TokenEntry> tokens; // in the file's order, held ones last
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
    void add(const TokenEntry& entry, WallTime now) const;

    using Change = std::function<void(TokenEntry&)>; // what it throws comes out, and nothing is written
    // Changes one token in its place, with all fields that are not ours; false, and nothing is written, when there is
    // none of that id. A text that it no longer has is remembered as replaced.
    bool change(const std::string& id, const Change& change, WallTime now) const;
    // Puts a token back that has expired and is remembered; false when there is none of that id.
    bool revive(const std::string& id, const Change& change, WallTime now) const;

    using Which = std::function<bool(const TokenEntry&)>;
    struct Retirement {
        GoneToken::Why why;
        WallTime now;
        std::string because = {};
    };
    // Removes every token that `which` names and returns them; nothing is written when it names none.
    std::vector<TokenEntry> removeIf(const Which& which) const;
    // The same, and remembers why they have gone.
    std::vector<TokenEntry> retireIf(const Which& which, const Retirement& retirement) const;

private:
    using TakenOut = std::function<void(TokenDocument& document, const std::vector<TokenEntry>& taken)>;
    void put(TokenDocument& document, const TokenEntry& entry, WallTime now) const;
    std::vector<TokenEntry> takeOut(const Which& which, const TakenOut& takenOut) const;

    const std::string path_;
};

} // namespace gatehouse
