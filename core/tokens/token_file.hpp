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
// and every field that is not ours.
//
// Threads: any; TokenFile itself holds nothing but a path.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tokens/token_entry.hpp"

namespace gatehouse {

// "<file>:<line>: <what>" or "<file>: <what>".
class TokenFileError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The file was not there.
class TokenFileMissing : public TokenFileError {
public:
    using TokenFileError::TokenFileError;
};

// What parseTokens found, in the file's order.
std::vector<TokenEntry> parseTokens(const std::string& text, const std::string& file);

class TokenFile {
public:
    explicit TokenFile(std::string path) : path_(std::move(path)) {}
    const std::string& path() const { return path_; }

    // At most 8 MiB, a regular file. Throws TokenFileMissing, TokenFileError.
    std::string readText() const;
    // Why others may read or write the file; empty when they may not, or there is none.
    std::string openToOthers() const;
    std::vector<TokenEntry> read() const { return parseTokens(readText(), path_); }

    // Adds one token; makes the file (mode 0600) and its folder (0700) when there is none. Under the file's lock, so
    // that several writers lose nothing; written beside, synced and renamed, so that a crash leaves old or new.
    void add(const TokenEntry& entry) const;

    // Removes every token that `gone` names and returns them; nothing is written when it names none.
    std::vector<TokenEntry> removeIf(const std::function<bool(const TokenEntry&)>& gone) const;

private:
    const std::string path_;
};

} // namespace gatehouse
