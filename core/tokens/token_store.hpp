// TokenStore: the border behind which API tokens are kept. The YAML file (file_token_store.hpp) is the first kind;
// every kind passes the contract in tests/unit/tokens/token_store_contract.hpp.
//
// Looked up is a text's digest; the text itself is never stored. A store whose source is on this machine and cannot be
// read goes on with the last good tokens and says so by healthy(); one on another machine is down after some time.
//
// Threads: judging from any, and it does not block unless mayBlock() says so; load(), whenChanged() and watch() once,
// at the start, from one; the rest from any, and it blocks. One store per process; several processes may use one
// source.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "tokens/token_entry.hpp"

namespace gatehouse {

// what() names the store, and the line where it has lines.
class TokenStoreError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// It holds as much as it can.
class TokenStoreFull : public TokenStoreError {
public:
    using TokenStoreError::TokenStoreError;
};

// There is no store of that name.
class TokenStoreMissing : public TokenStoreError {
public:
    using TokenStoreError::TokenStoreError;
};

// It is on another machine, which does not answer.
class TokenStoreUnreachable : public TokenStoreError {
public:
    using TokenStoreError::TokenStoreError;
};

// What happened to a store since some generation.
struct TokenChanges {
    bool all = false;              // too long ago to know: everything may have changed
    std::vector<std::string> gone; // ids of tokens that are gone or mean something else now
};

// Tokens that may have changed since some mark.
struct TokensTouched {
    bool all = true; // it is not known which
    std::vector<std::string> ids = {};
    std::string mark = "-"; // for the next question
};

// What a text stands for.
struct TokenMatch {
    std::shared_ptr<const TokenEntry> entry;
    TokenStatus status = TokenStatus::active; // now; with a parent, of the worse of both
    WallTime until = never;                   // of this text: the token's, its parents', or that of a replaced text
    bool isPrevious = false;                  // the text before the last rotation
    std::vector<std::shared_ptr<const TokenEntry>> parents = {}; // that it was derived from, the nearest first
};
using TokenMatchResult = std::variant<TokenMatch, TokenUnknown, TokenStoreDown>;

class TokenStore {
public:
    // Called after each change, with the ids of tokens that are gone or mean something else now. Any thread.
    using Changed = std::function<void(const std::vector<std::string>& gone)>;
    using Change = std::function<void(TokenEntry&)>; // what it throws comes out, and nothing has changed
    using Visit = std::function<void(TokenEntry&)>;  // what it throws comes out
    using VisitGone = std::function<void(GoneToken&)>;
    // Whether load() may change the source. A reader neither writes nor locks anything.
    enum class Access { write, read };

    virtual ~TokenStore() = default;

    // --- the start

    // What people should know of the source as it stands; changes nothing. Throws TokenStoreError.
    virtual std::vector<std::string> check() const = 0;
    // Puts the tokens in force, and takes out what has expired: with `read` in memory only. Throws TokenStoreError.
    virtual void load(Access access = Access::write) = 0;
    virtual void whenChanged(Changed changed) = 0;
    virtual void watch() = 0;   // from here on changes that others make are noticed
    virtual void lookNow() = 0; // as if another process had changed it

    // --- judging

    virtual TokenMatchResult match(const Sha256& digest) const = 0;
    // True: match(), find() and findGone() ask another machine. They belong on a worker then.
    virtual bool mayBlock() const { return false; }
    // What match() said of it lately, as it stands now. Never blocks; nothing: it was not asked, or is down.
    virtual std::optional<TokenMatch> recentMatch(const Sha256& digest) const;
    // False: changes may have been missed, so nothing that was judged before holds; each text is to be matched again.
    virtual bool isFresh() const { return true; }
    // The same as validators see it: a token that may be used, or has just expired, is found; any other is unknown.
    TokenLookup find(const Sha256& digest) const;
    // Why a token that find() does not know may not be used, as far as that is known. Decides nothing.
    virtual std::optional<GoneToken> findGone(const Sha256& digest) const = 0;
    virtual std::uint64_t generation() const = 0; // grows with each change of what is in force
    virtual TokenChanges changesSince(std::uint64_t generation) const = 0;
    virtual bool healthy() const = 0;            // false: the source cannot be read, the last good tokens are in force
    virtual const std::string& name() const = 0; // for people: the file's path
    // What begins by time alone is in force from here on, and told to whenChanged. To be called often; never blocks.
    virtual void beginDue() {}

    // --- keeping. In force, and told to whenChanged, when it returns, where the tokens are loaded.
    // Each throws TokenStoreError, LockError or std::system_error when it cannot be done, or not surely: look again.

    virtual std::vector<TokenEntry> list() const = 0; // all, also what has expired
    // The same one by one, those of `owner` or, where it is empty, of all; few are held at once.
    virtual void visit(const std::string& owner, const Visit& visit) const;
    virtual bool isEmpty() const { return list().empty(); }
    virtual std::vector<TokenEntry> listWatched() const = 0;       // those that isWatched() names
    virtual std::vector<TokenEntry> listEnding(WallTime by) const; // those that end until then
    // `mark`: of an earlier answer; empty: none.
    virtual TokensTouched touchedSince(const std::string& /*mark*/) const { return {}; }
    virtual std::optional<TokenEntry> get(const std::string& id) const = 0; // one of them
    // The one that was made, or last rotated, by that request (RequestMark::key). There is at most one.
    virtual std::optional<TokenEntry> getByRequest(const std::string& key) const = 0;
    virtual std::vector<GoneToken> listGone() const = 0; // as far as it is remembered, the latest last
    virtual void visitGone(const VisitGone& visit) const;
    // The latest of that id that was not replaced: how a whole token ended.
    virtual std::optional<GoneToken> getGone(const std::string& id) const;
    virtual void add(const TokenEntry& entry) = 0; // refuses an id or a digest that is there
    // False: there is no such token; nothing has changed. `change` may not change the id. A text that the token no
    // longer has is remembered as replaced.
    virtual bool change(const std::string& id, const Change& change) = 0;
    // The same for a token that has expired and is remembered: it is there again.
    virtual bool revive(const std::string& id, const Change& change) = 0;
    // Removes them and all that were derived from them, and remembers it. Returns the ids of those that were there.
    virtual std::vector<std::string> revoke(const std::vector<std::string>& ids, const std::string& because) = 0;
    virtual bool withdraw(const std::string& id) = 0; // as if it had never been there
};

} // namespace gatehouse
