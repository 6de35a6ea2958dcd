// TokenDocument: the YAML text of a token file, and its changes.
//
// `tokens:` has the tokens that may be used now, with "hash". `held:`, a list, has those that may not: suspended, or
// valid from a later time, or no token for MCP. They have "sha256" instead: a version of this program, or another, that
// does not know of such states never takes one for a token. `removed:` is gone_tokens.hpp. A change moves its token to
// the list where it belongs.
//
// Reading is strict: the first thing that is wrong is an error with its line. Changes keep the form that was found and
// every field that is not ours.
// Threads: one.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "tokens/token_store.hpp"

namespace gatehouse {

class TokenDocument {
public:
    // Throws TokenStoreError, which names `file` and the line.
    TokenDocument(const std::string& text, const std::string& file);
    static std::string emptyText() { return "tokens: []\n"; }

    // All of `tokens:`, then all of `held:`, each in its order.
    const std::vector<TokenEntry>& entries() const { return entries_; }
    std::vector<GoneToken> gone(WallTime now) const;

    void add(const TokenEntry& entry, WallTime now);
    void replace(const TokenEntry& entry, WallTime now); // the one of that id
    void remove(const std::unordered_set<std::string>& ids);
    void remember(std::vector<GoneToken> gone, WallTime now);
    void forgetGone() { root_.remove("removed"); }

    std::string text() const;

private:
    YAML::Node tokenNode(const std::string& id) const;
    void put(YAML::Node token, const TokenEntry& entry, WallTime now);

    YAML::Node root_;
    std::vector<TokenEntry> entries_; // as they were read
};

} // namespace gatehouse
