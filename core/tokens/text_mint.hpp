// What the text of a token is made of: a random one with a checksum, or a JWT that says what the token may do
// (RFC 7519, HS256; claims sub, user_id, scopes, token_id, aud, exp). A JWT is valid only while its record exists, too.
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <string>

#include "base/digest.hpp"
#include "tokens/token_entry.hpp"

namespace gatehouse {

// The text of a token as it will be. Its digest is the entry's from then on.
using TokenMint = std::function<std::string(const TokenEntry&)>;

TokenMint opaqueMint(std::string prefix);

struct JwtMintOptions {
    std::string secret; // 32 bytes or more, the validator's
    std::string audience;
    std::string issuer = {}; // empty: none is said
};
// Throws TokenRequestError for a token that does not end, where the validator wants an end.
TokenMint jwtMint(JwtMintOptions options);

} // namespace gatehouse
