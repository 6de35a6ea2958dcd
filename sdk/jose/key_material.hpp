// What a JWK or PEM text holds, read and judged, before it is prepared for use.
#pragma once

#include <gatehouse/jose/key.hpp>

#include "openssl_handles.hpp"

namespace gatehouse::jose {

struct KeyMaterial {
    std::string id;
    std::string issuer; // the only one that signs with it, if the JWK says so
    AlgorithmSet algorithms;
    bool isPrivate = false;
    std::string secret;              // of a symmetric key
    PublicKey publicKey;             // of any other
    std::size_t coordinateBytes = 0; // of an elliptic curve's r and s
};

// A kid for a log: its beginning, since a whole one may look like a credential. In quotes, printable.
std::string shownKeyId(const std::string& id);

using MaterialResult = std::variant<KeyMaterial, KeyFault>;

MaterialResult materialOfJwk(const Json& jwk);
MaterialResult materialOfPem(std::string_view pem);
MaterialResult materialOfSecret(std::string_view bytes, std::string id);

// What the key itself is fit for, filled into `material.algorithms`; the complaint, or empty. For RSA: its size,
// exponent and kind.
std::string judge(KeyMaterial& material);

} // namespace gatehouse::jose
