// Token texts that show by themselves whether they are ours: PREFIX, 34 base62 characters (202 bits), and 6 base62
// characters of the CRC-32 of all that stands before. Base62: 0-9A-Za-z, the most significant digit first.
//
// So a text that somebody made up is refused without a look-up, and a lost one is found in a file without asking.
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gatehouse {

inline constexpr std::size_t maxTokenPrefix = 32;

std::string newCheckedToken(std::string_view prefix);

// It has the form and the right sum.
bool isCheckedToken(std::string_view text, std::string_view prefix);
// It begins with the prefix and cannot be one of ours.
bool isForgedToken(std::string_view text, std::string_view prefix);
// Whether a text may be a prefix: letters and digits, then one "_"; at most maxTokenPrefix characters.
bool isTokenPrefix(std::string_view text);

using TokenVisitor = std::function<void(std::size_t at, std::string_view token)>;
// Visits each of ours in `text`, with its position.
void eachCheckedToken(std::string_view text, std::string_view prefix, const TokenVisitor& visit);
// Visits what may be one of the forms without a sum: 43 characters of base64url and "=", or a JWS.
void eachLikelyToken(std::string_view text, const TokenVisitor& visit);

} // namespace gatehouse
