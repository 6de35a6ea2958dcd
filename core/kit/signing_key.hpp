// A private key that signs as JWS has it (RFC 7515, RFC 7518): what tokens for tests are made with.
//
// Signing is OpenSSL's own, so that what verifies is never checked against itself.
// Threads: any; a key is not changed. Throws std::runtime_error when OpenSSL refuses.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include <gatehouse/json.hpp>

namespace gatehouse::kit {

class SigningKey {
public:
    explicit SigningKey(EVP_PKEY* key); // takes it
    // A new one that signs with this algorithm: "RS256", "ES256K", "EdDSA", ...; "Ed448" for EdDSA on that curve.
    static SigningKey forAlgorithm(const std::string& algorithm);

    EVP_PKEY* handle() const { return key_.get(); }
    // A number of the key, big-endian, in `width` bytes (0: as many as it takes): "n", "e", "qx", "qy".
    std::string number(const char* parameter, int width = 0) const;
    int coordinateBytes() const;
    // The public half; `more` is added ("kid", "alg", ...).
    Json jwk(const Json& more = Json::object()) const;
    std::string publicPem() const;
    std::string publicDer() const; // SubjectPublicKeyInfo
    std::string privatePem() const;

    // As OpenSSL makes it: ECDSA in DER. `saltBytes`: of PSS; -1: as long as the hash.
    std::string rawSignature(std::string_view algorithm, std::string_view input, int saltBytes = -1) const;
    // As JWS has it (RFC 7518 section 3.4: r and s side by side).
    std::string signature(std::string_view algorithm, std::string_view input) const;

private:
    std::shared_ptr<EVP_PKEY> key_;
};

// HMAC of an HS algorithm.
std::string macOf(std::string_view algorithm, std::string_view secret, std::string_view input);
// Header and payload as they stand: the text that is signed, and the token with its signature.
std::string signingInput(std::string_view header, std::string_view payload);
std::string compact(const std::string& input, std::string_view signature);

} // namespace gatehouse::kit
