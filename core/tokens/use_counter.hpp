// UseCounter: calls of tokens that are counted and not written yet. A call like one before costs no memory.
//
// Bounded: a token has at most maxRows rows, and what is further named is counted together; there are at most
// maxTokens. Threads: one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"

namespace gatehouse {

enum class UseKind { ok, error, refused };

// Views live for the call.
struct TokenCall {
    std::string_view tokenId;
    std::uint64_t generation = 1; // of the text that was shown
    bool isPrevious = false;      // there was a later one already
    std::string_view tool = {};   // empty: no tool
    UseKind kind = UseKind::ok;
    std::string_view peer = {};
    std::string_view client = {}; // as it calls itself
    std::int64_t times = 1;
};

struct UseCounts {
    std::int64_t ok = 0, error = 0, refused = 0;

    void add(UseKind kind, std::int64_t times) {
        (kind == UseKind::ok ? ok : kind == UseKind::error ? error : refused) += times;
    }
    void add(const UseCounts& more);
    std::int64_t sum() const { return ok + error + refused; }
};

struct LastUse {
    WallTime at{};
    std::string peer, client, tool;
};

inline constexpr std::string_view otherTools = "(other)";

class UseCounter {
public:
    static constexpr std::size_t maxRows = 200, maxTokens = 100'000;
    static constexpr std::size_t maxClient = 200; // bytes of what a client calls itself

    struct Row {
        std::uint64_t generation = 1;
        std::int64_t day = 0; // since 1970
        std::string tool;
        UseCounts counts;
    };
    struct Last {
        std::uint64_t generation = 1;
        LastUse use;
        std::int64_t late = 0; // calls after the rotation
    };
    struct Token {
        std::vector<Row> rows;
        std::vector<Last> lasts;
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Tokens = std::unordered_map<std::string, Token, TextHash, std::equal_to<>>;

    void add(const TokenCall& call, WallTime now);
    Tokens take();                // all, to be written
    void giveBack(Tokens tokens); // what could not be
    const Token* find(std::string_view tokenId) const;

private:
    Tokens tokens_;
};

std::int64_t dayOf(WallTime time); // since 1970

} // namespace gatehouse
