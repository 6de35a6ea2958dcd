// JWS compact serialisation (RFC 7515 sections 3.1 and 5.2): taken apart, and verified.
//
// Refused before any key is looked at: other than three parts, base64url that is not canonical, a header that is no
// strict JSON object, an unsupported `alg` (such as "none"), `crit` in any form and `b64` that is not true. Other
// header members are ignored (RFC 7515 section 4): above all, a key that a token brings or a URL that it names (`jwk`,
// `jku`, `x5c`, `x5u`) is never looked at, let alone followed (RFC 8725 section 3.10).
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include <gatehouse/jose/key_set.hpp>

namespace gatehouse::jose {

struct JwsRefusal {
    enum class Kind {
        notJws,     // it does not have the form
        refused,    // it has the form, and something in it that is never taken
        algorithm,  // not one of those that are allowed
        unknownKey, // no key of that kid, or none that serves the algorithm
        badSignature,
    };
    Kind kind = Kind::notJws;
    std::string words; // for a log; nothing of the token but the names of algorithms
};

// A JWS taken apart; nothing in it is to be believed yet.
struct UnverifiedJws {
    std::string_view signingInput; // into the token
    Algorithm algorithm{};
    std::string keyId; // `kid`, or empty
    Json header;
    std::string payload;
    std::string signature;
};

inline constexpr std::size_t maxTokenBytes = 64 << 10;
// Keys tried for one token. More of the set are not: each costs a verification.
inline constexpr std::size_t maxKeysOfOneId = 4, maxKeysWithoutId = 16;

std::variant<UnverifiedJws, JwsRefusal> parseJws(std::string_view compact);
// False: this key says nothing about the token.
using KeyFilter = std::function<bool(const Key& key)>;
// Nothing when one of the keys made the signature, with an algorithm that both the key and `allowed` serve. Without a
// filter every key may be used.
std::optional<JwsRefusal> verifyJws(const UnverifiedJws& jws, const KeySet& keys, const AlgorithmSet& allowed,
                                    const KeyFilter& mayUse = nullptr);

} // namespace gatehouse::jose
