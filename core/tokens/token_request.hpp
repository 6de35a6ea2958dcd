// What somebody asks for when a token is made or changed: JSON members, as the REST interface has them, and their
// rules. The command line asks by the same.
//
//     name scopes expires_in_days expires_at rate_limit burst networks tools databases not_before labels description
//     owner max_idle_days max_calls
//
// Threads: any; nothing is kept.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/json.hpp>

#include "tokens/token_entry.hpp"

namespace gatehouse {

// what() says what was expected of the member.
class TokenRequestError : public std::runtime_error {
public:
    TokenRequestError(std::string member, const std::string& words)
        : std::runtime_error(member + ": " + words), member_(std::move(member)) {}
    const std::string& member() const { return member_; }

private:
    const std::string member_;
};

// It has the right form, and cannot be: a time that is over, or one after the token's end.
class TokenRequestImpossible : public TokenRequestError {
public:
    using TokenRequestError::TokenRequestError;
};

inline constexpr std::size_t maxTokenName = 200; // characters: code points of UTF-8
inline constexpr std::int64_t maxExpiryDays = 365;

// Puts what is asked for into `entry`; what is not mentioned stays. Members that are not `allowed` are refused.
// Throws TokenRequestError; `entry` may be changed in part then.
void applyRequest(const Json& request, const std::vector<std::string_view>& allowed, WallTime now, TokenEntry& entry);

// A text of at most maxTokenName characters, none of them a control character. Throws TokenRequestError.
std::string shownTextFrom(const std::string& name, const Json& value);

// "2s", "90m", "24h", "7d", "2w"; nothing when it is none, or longer than a hundred years.
std::optional<std::chrono::seconds> durationFrom(std::string_view text);

} // namespace gatehouse
