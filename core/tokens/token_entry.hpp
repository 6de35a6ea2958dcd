// One API token as the store keeps it, a whole set of them, and what is known of one that has gone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <gatehouse/json.hpp>

#include "base/digest.hpp"

namespace gatehouse {

// Names or addresses that are meant: one that a deny names is out; with any allow, one that none names is out as well.
struct NameRules {
    std::vector<std::string> allow, deny;

    bool empty() const { return allow.empty() && deny.empty(); }
    friend bool operator==(const NameRules&, const NameRules&) = default;
};

// What the bearer of a token may do. What is not set is not limited by the token; the policy judges it all the same.
struct TokenTerms {
    std::vector<std::string> scopes;    // empty: as a token that brings none
    std::vector<std::string> databases; // by name
    NameRules tools;                    // patterns; a * stands for any text
    NameRules networks;                 // addresses, or ranges in CIDR notation
    std::int64_t callsPerHour = 0;      // in any 60 minutes; 0: no limit
    std::int64_t burst = 0;             // calls in any 10 seconds; 0: no limit
    std::int64_t maxCalls = 0;          // in its life; 0: no limit

    friend bool operator==(const TokenTerms&, const TokenTerms&) = default;
};

using TermsPtr = std::shared_ptr<const TokenTerms>;

// The text that a rotation replaced, while it is valid still.
struct PreviousText {
    Sha256 digest{};
    WallTime validUntil{};
    bool untilIdle = false; // ends once nobody uses it, at the latest then

    friend bool operator==(const PreviousText&, const PreviousText&) = default;
};

// The request that a token was made or rotated by, so that it can be repeated when its answer was lost.
struct RequestMark {
    std::string key;  // SHA-256 of who asked and its Idempotency-Key, in hex
    std::string body; // SHA-256 of what was asked, in hex
    WallTime at{};

    friend bool operator==(const RequestMark&, const RequestMark&) = default;
};

// What a credential is for; it is refused everywhere else.
enum class TokenPurpose {
    mcp,    // calls at /mcp
    manage, // the token API
    signIn, // one sign-in to the page, within minutes
};

struct TokenEntry {
    TokenRecord record;
    Sha256 digest{}; // SHA-256 of the token's text
    TokenTerms terms = {};
    std::string description = {};
    std::map<std::string, std::string> labels = {};
    std::string owner = {};     // whose it is: who may see and manage it beside managers; empty: nobody's
    std::string createdBy = {}; // the owner or id of the credential that made it; empty: made on the host
    std::string parent = {};    // id of the token that it was derived from; empty: none
    WallTime notBefore{};
    WallTime idleFrom{};                      // what was unused before that does not count: it went on then
    std::int64_t maxIdleDays = 0;             // unused for longer, it is suspended; 0: never
    std::optional<WallTime> suspendedAt = {}; // by somebody, or because it was idle
    bool isIdle = false;                      // it was suspended because it was idle
    TokenPurpose purpose = TokenPurpose::mcp;
    std::optional<WallTime> rotatedAt = {};    // when it got the text that it has; absent: when it was created
    std::uint64_t generation = 1;              // of its text: grows with each rotation
    std::optional<RequestMark> request = {};   // the last that named itself
    std::optional<PreviousText> previous = {}; // the generation before, while that is valid
};

using TokenMap = std::unordered_map<Sha256, TokenEntry, DigestHash>;

inline constexpr std::size_t maxFileTokens = 10'000; // of a token file

// A token that is in force no more, and why: for logs and `explain`, and to make it anew. No TokenEntry, so that
// nothing that decides who may call can take one for a token.
struct GoneToken {
    enum class Why {
        expired,
        removed,
        replaced,    // its text, by a rotation; the token goes on
        suspended,   // may not be used at present; never remembered
        notYetValid, // likewise
    };
    Sha256 digest{};
    std::string id;
    std::string note;
    WallTime expiresAt = never;
    Why why = Why::removed;
    WallTime goneAt{};        // when it was taken out of the tokens, or held; when it becomes valid
    std::string because = {}; // in the words of who removed it
    Json rest = {};           // what else was kept of it (token_fields.hpp); null: nothing
};

// Of those that are remembered.
constexpr std::string_view whyName(GoneToken::Why why) {
    if (why == GoneToken::Why::expired) return "expired";
    return why == GoneToken::Why::replaced ? "replaced" : "removed";
}

inline std::optional<GoneToken::Why> whyFrom(std::string_view name) {
    for (const auto why : {GoneToken::Why::expired, GoneToken::Why::removed, GoneToken::Why::replaced})
        if (whyName(why) == name) return why;
    return std::nullopt;
}

using GoneMap = std::unordered_map<Sha256, GoneToken, DigestHash>;

enum class TokenStatus { active, suspended, idle, notYetValid, expired };

constexpr std::string_view statusName(TokenStatus status) {
    switch (status) {
        case TokenStatus::active: return "active";
        case TokenStatus::suspended: return "suspended";
        case TokenStatus::idle: return "idle";
        case TokenStatus::notYetValid: return "not_yet_valid";
        case TokenStatus::expired: return "expired";
    }
    return "expired";
}

inline bool isExpired(const TokenRecord& record, WallTime now) { return record.expiresAt <= now; }

// Something of it ends by not being used: TokenKeeper looks at it.
inline bool isWatched(const TokenEntry& entry) {
    return entry.maxIdleDays > 0 || (entry.previous && entry.previous->untilIdle);
}

inline TokenStatus statusOf(const TokenEntry& entry, WallTime now) {
    if (isExpired(entry.record, now)) return TokenStatus::expired;
    if (entry.suspendedAt) return entry.isIdle ? TokenStatus::idle : TokenStatus::suspended;
    return now < entry.notBefore ? TokenStatus::notYetValid : TokenStatus::active;
}

} // namespace gatehouse
