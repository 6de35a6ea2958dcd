// Tokens signed with the kit's keys, for tests of what verifies them.
//
// Every key is made once for the process; making RSA keys takes long.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <gatehouse/base64.hpp>
#include <gatehouse/json.hpp>

#include "kit/signing_key.hpp"

namespace gatehouse::test {

// For tests that make odd keys of their own.
namespace minting {

template <class Object, class Free>
std::shared_ptr<Object> owned(Object* object, Free free) {
    if (!object) throw std::runtime_error("OpenSSL made nothing");
    return {object, free};
}
inline void must(bool done) {
    if (!done) throw std::runtime_error("OpenSSL refuses");
}
inline unsigned char* bytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

} // namespace minting

using kit::macOf;
using kit::signingInput;
using kit::SigningKey;

// The key that signs with this algorithm; `which` tells several of one kind apart.
inline const SigningKey& keyFor(const std::string& algorithm, int which = 0) {
    static std::map<std::string, SigningKey> keys;
    const bool isRsa = algorithm[0] == 'R' || algorithm[0] == 'P';
    const std::string slot = (isRsa ? "RSA" : algorithm) + std::to_string(which);
    if (const auto made = keys.find(slot); made != keys.end()) return made->second;
    return keys.emplace(slot, SigningKey::forAlgorithm(algorithm)).first->second;
}

inline std::string joined(const std::string& input, std::string_view signature) {
    return kit::compact(input, signature);
}

// Header and payload as they stand, signed with the algorithm whatever the header says.
inline std::string mintText(std::string_view header, std::string_view payload, const std::string& algorithm) {
    const std::string input = signingInput(header, payload);
    return joined(input, keyFor(algorithm).signature(algorithm, input));
}
// Signed as the header's `alg` says, with the key for it.
inline std::string mint(const Json& header, const Json& claims) {
    return mintText(header.dump(), claims.dump(), header.at("alg"));
}
inline std::string mintWithSecret(const Json& header, const Json& claims, std::string_view secret) {
    const std::string input = signingInput(header.dump(), claims.dump());
    return joined(input, macOf(header.at("alg").get<std::string>(), secret, input));
}

inline const std::string secretText = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"; // 64 bytes

} // namespace gatehouse::test
