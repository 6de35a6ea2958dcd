// TokenStore: the border behind which API tokens are kept. The YAML file (file_token_store.hpp) is the first kind;
// every kind passes the contract in tests/unit/tokens/token_store_contract.hpp.
//
// What is in force is looked up in memory, by digest; the token's text is never stored. A store whose source cannot be
// read goes on with the last good tokens and says so by healthy().
//
// Threads: judging from any, and it never blocks; load(), whenChanged() and watch() once, at the start, from one; the
// rest from any, and it blocks. One store per process; several processes may use one source.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tokens/token_entry.hpp"

namespace gatehouse {

// what() names the store, and the line where it has lines.
class TokenStoreError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// There is no store of that name.
class TokenStoreMissing : public TokenStoreError {
public:
    using TokenStoreError::TokenStoreError;
};

// What happened to a store since some generation.
struct TokenChanges {
    bool all = false;              // too long ago to know: everything may have changed
    std::vector<std::string> gone; // ids of tokens that are gone or mean something else now
};

class TokenStore {
public:
    // Called after each change, with the ids of tokens that are gone or mean something else now. Any thread.
    using Changed = std::function<void(const std::vector<std::string>& gone)>;
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

    virtual TokenLookup find(const Sha256& digest) const = 0;
    // Why a token that find() does not know is not there any more, as far as that is remembered. Decides nothing.
    virtual std::optional<GoneToken> findGone(const Sha256& digest) const = 0;
    virtual std::uint64_t generation() const = 0; // grows with each change of what is in force
    virtual TokenChanges changesSince(std::uint64_t generation) const = 0;
    virtual bool healthy() const = 0;            // false: the source cannot be read, the last good tokens are in force
    virtual const std::string& name() const = 0; // for people: the file's path

    // --- keeping. In force, and told to whenChanged, when it returns, where the tokens are loaded.
    // Each throws TokenStoreError, LockError or std::system_error when it cannot be done, or not surely: look again.

    virtual std::vector<TokenEntry> list() const = 0; // all, also what has expired
    virtual void add(const TokenEntry& entry) = 0;    // refuses an id or a digest that is there
    // False: there is no such token; nothing has changed. `change` may not change the id.
    virtual bool change(const std::string& id, const std::function<void(TokenRecord&)>& change) = 0;
    virtual bool rotate(const std::string& id, const Sha256& fresh) = 0; // the old text is revoked, the rest stays
    virtual bool revoke(const std::string& id) = 0;                      // and remembers that it was
    virtual bool withdraw(const std::string& id) = 0;                    // as if it had never been there
};

} // namespace gatehouse
