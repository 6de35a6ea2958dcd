// TokenRefusals: the latest refusals of each token, also of one that has expired or was revoked, for its owner.
//
// Counted in memory by reason, tool and address, and written behind, with flush(). A request that was refused by its
// token's text is known by digest alone; whose it was is looked up at the flush, so a refusal costs no look-up.
// Bounded: a token has at most keptOfToken rows, kept for keptDays; maxPending wait to be written, and more are lost.
// Threads: any; flush(), prepare() and of() block on the source.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <gatehouse/json.hpp>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "tokens/sql_connection.hpp"

namespace gatehouse {

struct TokenRefusal {
    std::string tokenId; // empty: known by its digest
    Sha256 digest{};
    std::string reason; // in one word
    std::string tool;   // empty: none was reached
    std::string peer;
    std::string client; // as it calls itself
};

class TokenRefusals {
public:
    static constexpr std::size_t keptOfToken = 20;
    static constexpr std::int64_t keptDays = 30;
    static constexpr std::size_t mostShown = 500; // by latest()
    static constexpr std::size_t maxPending = 1'000;
    static constexpr std::size_t maxName = 200; // of a tool or a client, in bytes

    // What was refused of one text, for one reason and from one address, since the last flush. Views live for the call.
    struct RefusedText {
        const Sha256& digest;
        std::int64_t times = 0;
        std::string_view peer;
        std::string_view client;
    };
    // The id of the token, also of one that is gone; nothing: it is none of ours. May block; called by flush() alone.
    using IdOf = std::function<std::optional<std::string>(const RefusedText& text)>;
    // The source outlives it.
    TokenRefusals(const SqlSource& source, const Clock& clock, IdOf idOf);

    void prepare(); // as TokenUsage does
    void record(const TokenRefusal& refusal);
    // Writes what was counted. What cannot be written is lost. Throws as TokenUsage::flush() does.
    void flush();
    // [{at, reason, tool, address, client, count}], the latest first.
    Json of(const std::string& tokenId) const;
    // The same of all tokens, each with the token's id.
    Json latest() const;

private:
    using Key = std::tuple<std::string, Sha256, std::string, std::string, std::string>; // as in TokenRefusal
    struct Counted {
        std::int64_t count = 0;
        WallTime at{};
        std::string client;
    };
    using Pending = std::map<Key, Counted>;
    void write(SqlDatabase& database, const std::string& id, const Key& key, const Counted& counted) const;

    const SqlSource& source_;
    const Clock& clock_;
    const IdOf idOf_;
    std::mutex mutex_; // guards pending_
    Pending pending_;
    mutable SqlConnection writing_;
};

} // namespace gatehouse
