// Which keys are fit to verify with, and for which algorithms.
#include <array>

#include <openssl/core_names.h>

#include "key_material.hpp"

namespace gatehouse::jose {

namespace {

constexpr int leastRsaBits = 2048; // RFC 7518 3.3
constexpr int mostRsaBits = 16384; // beyond, a check costs too much
constexpr std::size_t leastSecretBytes = 32;

struct Curve {
    std::string_view group; // OpenSSL's name
    Algorithm algorithm;
    std::size_t coordinateBytes;
};
constexpr std::array<Curve, 4> signingCurves{{{"prime256v1", Algorithm::ES256, 32},
                                              {"secp384r1", Algorithm::ES384, 48},
                                              {"secp521r1", Algorithm::ES512, 66},
                                              {"secp256k1", Algorithm::ES256K, 32}}};

// Keys of the flawed generator are powers of 65537 modulo every small prime (CVE-2017-15361).
bool isOfRocaKind(const BIGNUM* modulus) {
    constexpr std::array<unsigned, 17> primes{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
    for (const unsigned prime : primes) {
        const auto rest = static_cast<unsigned>(BN_mod_word(modulus, prime));
        bool isPower = false;
        unsigned power = 1;
        for (unsigned i = 0; i < prime && !isPower; ++i, power = power * (65537 % prime) % prime)
            isPower = power == rest;
        if (!isPower) return false;
    }
    return true;
}

std::string judgeRsa(KeyMaterial& material) {
    const int bits = EVP_PKEY_get_bits(material.publicKey.get());
    if (bits < leastRsaBits) return "RSA of " + std::to_string(bits) + " bits, expected at least 2048";
    if (bits > mostRsaBits) return "RSA of " + std::to_string(bits) + " bits, expected at most 16384";
    BIGNUM* n = nullptr;
    BIGNUM* e = nullptr;
    EVP_PKEY_get_bn_param(material.publicKey.get(), OSSL_PKEY_PARAM_RSA_N, &n);
    EVP_PKEY_get_bn_param(material.publicKey.get(), OSSL_PKEY_PARAM_RSA_E, &e);
    const BigNumber modulus(n), exponent(e);
    if (!modulus || !exponent || BN_is_odd(modulus.get()) == 0) return "RSA with an impossible modulus";
    if (BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1 || BN_num_bits(exponent.get()) > 64)
        return "RSA with an unfit exponent";
    if (isOfRocaKind(modulus.get())) return "RSA of the flawed kind of CVE-2017-15361 (ROCA)";
    material.algorithms = {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512,
                           Algorithm::PS256, Algorithm::PS384, Algorithm::PS512};
    return {};
}

std::string judgeEc(KeyMaterial& material) {
    std::array<char, 64> group{};
    std::size_t size = 0;
    EVP_PKEY_get_utf8_string_param(material.publicKey.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                   &size);
    for (const Curve& curve : signingCurves) {
        if (curve.group != std::string_view(group.data(), size)) continue;
        const PublicKeyContext context(EVP_PKEY_CTX_new(material.publicKey.get(), nullptr));
        if (!context || EVP_PKEY_public_check(context.get()) != 1) return "its point is not on its curve";
        material.algorithms = {curve.algorithm};
        material.coordinateBytes = curve.coordinateBytes;
        return {};
    }
    return "a curve that no algorithm uses";
}

// Points of small order, of which anybody can make "signatures" (RFC 8032 section 8.9 has the cofactors), also in
// encodings beyond the field's prime. Little endian, without the sign bit.
std::string yOf(const KeyMaterial& material) {
    std::string y(64, '\0');
    std::size_t size = y.size();
    auto* bytes = reinterpret_cast<unsigned char*>(y.data());
    if (EVP_PKEY_get_raw_public_key(material.publicKey.get(), bytes, &size) != 1 || size == 0) return {};
    y.resize(size);
    y.back() = static_cast<char>(y.back() & 0x7F);
    return y;
}

std::string lastYs(std::string prime, unsigned char lowest) { return prime[0] = static_cast<char>(lowest), prime; }

bool isOfSmallOrder(const KeyMaterial& material) {
    const std::string y = yOf(material);
    const std::string rest(y.size() < 2 ? 0 : y.size() - 1, '\0');
    if (y == '\0' + rest || y == '\1' + rest) return true;
    if (y.size() == 57) {
        const std::string prime =
            std::string(28, '\xFF') + '\xFE' + std::string(27, '\xFF') + '\0'; // 2^448 - 2^224 - 1
        return y == lastYs(prime, 0xFE) || y == prime || y == std::string(28, '\0') + std::string(28, '\xFF') + '\0';
    }
    static constexpr std::string_view ofOrder8[] = {
        "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
        "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
        "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a"};
    const std::string prime = '\xED' + std::string(30, '\xFF') + '\x7F'; // 2^255 - 19
    return y == ofOrder8[0] || y == ofOrder8[1] || y == lastYs(prime, 0xEC) || y == prime || y == lastYs(prime, 0xEE);
}

std::string judgeEdwards(KeyMaterial& material) {
    if (isOfSmallOrder(material)) return "a point of small order: anybody can sign for it";
    material.algorithms = {Algorithm::EdDSA};
    return {};
}

std::string judgeSecret(KeyMaterial& material) {
    const std::size_t size = material.secret.size();
    if (size < leastSecretBytes) return "a secret of " + std::to_string(size) + " bytes, expected at least 32";
    if (material.secret.find("-----BEGIN") != std::string::npos) return "a PEM text is no secret: others know it";
    for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512})
        if (size >= hashBytes(algorithm)) material.algorithms.add(algorithm);
    return {};
}

} // namespace

std::string judge(KeyMaterial& material) {
    if (!material.publicKey) return judgeSecret(material);
    switch (EVP_PKEY_get_base_id(material.publicKey.get())) {
        case EVP_PKEY_RSA: return judgeRsa(material);
        case EVP_PKEY_RSA_PSS: return "an RSA key bound to PSS parameters";
        case EVP_PKEY_EC: return judgeEc(material);
        case EVP_PKEY_ED25519:
        case EVP_PKEY_ED448: return judgeEdwards(material);
        default: return "a kind of key that no algorithm uses";
    }
}

MaterialResult materialOfSecret(std::string_view bytes, std::string id) {
    KeyMaterial material;
    material.id = std::move(id);
    material.secret = std::string(bytes);
    if (std::string complaint = judge(material); !complaint.empty()) return KeyFault{std::move(complaint)};
    return material;
}

} // namespace gatehouse::jose
