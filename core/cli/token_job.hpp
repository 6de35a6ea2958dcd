// One run of `gatehouse token ...`: what its commands share.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse::cli {

struct TokenJob {
    const Console& console;
    const Arguments& arguments;
    const Config& config;
    TokenStore& store;
    std::string what = {};              // the word after the command: an id, a hash prefix, a path
    std::vector<std::string> more = {}; // the words after that
    bool isDocumentForm = false;        // -add-token and its like

    WallTime now() const { return std::chrono::floor<std::chrono::seconds>(console.clock.wall()); }
    // The text of a new token: of the document's form where that is asked for, else one with a checksum.
    std::string newText(const TokenEntry& entry) const;
};

// The one token that `what` names, by its id or by eight or more digits of its hash. Empty after it has told that there
// is none, or more than one; `notDone` says what was not done to it, such as "removed".
std::string namedToken(const TokenJob& job, const std::string& notDone);

// Shows a new text, once; false when it could not be shown.
bool showText(const Console& console, const std::string& headline, const TokenEntry& entry, const std::string& text);

// Each an exit code.
int addToken(const TokenJob& job);
int deriveToken(const TokenJob& job);
int listTokens(const TokenJob& job);
int showToken(const TokenJob& job);
int removeToken(const TokenJob& job);
int rotateToken(const TokenJob& job);
int suspendToken(const TokenJob& job);
int resumeToken(const TokenJob& job);
int scanForTokens(const TokenJob& job);
int importTokens(const TokenJob& job);

} // namespace gatehouse::cli
