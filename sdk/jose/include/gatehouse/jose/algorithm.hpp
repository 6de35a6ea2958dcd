// The JWS algorithms that can be verified (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 8812 section 3.2).
//
// "none" is not among them, and nothing that is not named here has a value. Threads: any.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::jose {

enum class Algorithm : std::uint8_t {
    RS256, // RSASSA-PKCS1-v1_5
    RS384,
    RS512,
    PS256, // RSASSA-PSS, salt as long as the hash
    PS384,
    PS512,
    ES256,  // ECDSA on P-256,
    ES384,  // P-384,
    ES512,  // P-521,
    ES256K, // secp256k1
    EdDSA,  // Ed25519 and Ed448
    HS256,  // HMAC
    HS384,
    HS512,
};

std::string_view name(Algorithm algorithm);
std::optional<Algorithm> algorithmNamed(std::string_view name); // compares with case
std::size_t hashBytes(Algorithm algorithm);                     // of its SHA-2; 0 for EdDSA
bool isSymmetric(Algorithm algorithm);

// What a key or a configuration allows.
class AlgorithmSet {
public:
    AlgorithmSet() = default;
    AlgorithmSet(std::initializer_list<Algorithm> algorithms) {
        for (const Algorithm algorithm : algorithms) add(algorithm);
    }
    static AlgorithmSet asymmetric();
    static AlgorithmSet symmetric();
    // Nothing when a name is unsupported; it is in `unknown` then.
    static std::optional<AlgorithmSet> named(const std::vector<std::string>& names, std::string& unknown);

    void add(Algorithm algorithm) { bits_ |= bit(algorithm); }
    bool contains(Algorithm algorithm) const { return (bits_ & bit(algorithm)) != 0; }
    bool empty() const { return bits_ == 0; }
    bool operator==(const AlgorithmSet& other) const { return bits_ == other.bits_; }
    std::string names() const; // "RS256, ES256"

private:
    static std::uint32_t bit(Algorithm algorithm) { return 1U << static_cast<unsigned>(algorithm); }
    std::uint32_t bits_ = 0;
};

} // namespace gatehouse::jose
