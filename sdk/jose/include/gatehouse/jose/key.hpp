// Key: one key that verifies JWS signatures, prepared once (RFC 7517, RFC 7518 section 6, RFC 8037 section 2).
//
// Which algorithms a key serves is decided when it is read, by its kind, its `alg`, and what it is; never by a token.
// Refused: use other than "sig", key_ops without "verify", an alg of another kind of key, RSA under 2048 bits or with
// an exponent under 3, RSA of the ROCA kind (CVE-2017-15361), a point that is not on its curve, and a secret shorter
// than its hash (RFC 7518 section 3.2). The errors name what is wrong and never the key.
//
// Threads: any; a key does not change. Copies share what was prepared.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <gatehouse/jose/algorithm.hpp>
#include <gatehouse/json.hpp>

namespace gatehouse::jose {

// Why a key or a set cannot be used; for an operator.
struct KeyFault {
    std::string words;
};

class Key {
public:
    using Result = std::variant<Key, KeyFault>;

    static Result fromJwk(const Json& jwk);
    // A public key (SubjectPublicKeyInfo or PKCS#1) or a certificate.
    static Result fromPem(std::string_view pem);
    // Bytes that both sides know. At least 32 of them.
    static Result fromSecret(std::string_view bytes, std::string id = "");

    const std::string& id() const { return id_; } // `kid`; empty when it has none
    // The one issuer that signs with it (a member of Entra's keys); empty: not said. "{tenantid}" as in ClaimRules.
    const std::string& issuer() const { return issuer_; }
    const AlgorithmSet& algorithms() const { return algorithms_; }
    bool isSymmetric() const;
    bool isPrivate() const { return isPrivate_; } // the JWK held more than verifying needs; the rest was not read

    // True when `signature` is that of `input`. False also for an algorithm that this key does not serve.
    bool verifies(Algorithm algorithm, std::string_view input, std::string_view signature) const;

private:
    friend class KeyReader;
    struct Prepared;
    Key() = default;

    std::string id_;
    std::string issuer_;
    AlgorithmSet algorithms_;
    bool isPrivate_ = false;
    std::shared_ptr<const Prepared> prepared_;
};

} // namespace gatehouse::jose
