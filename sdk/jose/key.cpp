#include <gatehouse/jose/key.hpp>

#include <array>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "key_material.hpp"
#include "openssl_handles.hpp"

namespace gatehouse::jose {

namespace {

constexpr std::size_t algorithmCount = static_cast<std::size_t>(Algorithm::HS512) + 1;

const char* hashOf(Algorithm algorithm) {
    switch (hashBytes(algorithm)) {
        case 32: return "SHA256";
        case 48: return "SHA384";
        case 64: return "SHA512";
        default: return nullptr; // EdDSA brings its own
    }
}

bool isPss(Algorithm algorithm) { return algorithm >= Algorithm::PS256 && algorithm <= Algorithm::PS512; }
bool isEcdsa(Algorithm algorithm) { return algorithm >= Algorithm::ES256 && algorithm <= Algorithm::ES256K; }

// A context in which everything is done that does not depend on the message; null: the algorithm is not to be had.
MdContext preparedVerifier(Algorithm algorithm, EVP_PKEY* key) {
    MdContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    const char* const hash = hashOf(algorithm);
    if (!context || EVP_DigestVerifyInit_ex(context.get(), &parameters, hash, nullptr, nullptr, key, nullptr) != 1)
        return nullptr;
    const bool pss = !isPss(algorithm) || (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
                                           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1);
    return pss ? std::move(context) : nullptr;
}

MacContext preparedMac(Algorithm algorithm, std::string_view secret) {
    const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    MacContext context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
    std::string hash = hashOf(algorithm);
    const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, hash.data(), 0),
                                               OSSL_PARAM_construct_end()};
    const auto* bytes = reinterpret_cast<const unsigned char*>(secret.data());
    const bool done = context && EVP_MAC_init(context.get(), bytes, secret.size(), parameters.data()) == 1;
    return done ? std::move(context) : nullptr;
}

// RFC 7518 3.4: r and s side by side, each as long as the curve's order. OpenSSL wants them in DER; it refuses 0 and
// what is not below the order.
std::string derOf(std::string_view signature, std::size_t coordinateBytes) {
    if (signature.size() != 2 * coordinateBytes) return {};
    const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
    const auto length = static_cast<int>(coordinateBytes);
    const EcdsaSignature pair(ECDSA_SIG_new());
    BigNumber r(BN_bin2bn(bytes, length, nullptr)), s(BN_bin2bn(bytes + coordinateBytes, length, nullptr));
    if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    std::string der(static_cast<std::size_t>(std::max(i2d_ECDSA_SIG(pair.get(), nullptr), 0)), '\0');
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(pair.get(), &out);
    return der;
}

} // namespace

struct Key::Prepared {
    PublicKey publicKey; // null: a secret
    std::size_t coordinateBytes = 0;
    std::array<MdContext, algorithmCount> verifiers;
    std::array<MacContext, algorithmCount> macs;

    bool prepare(Algorithm algorithm, std::string_view secret) {
        const auto at = static_cast<std::size_t>(algorithm);
        if (publicKey) return (verifiers[at] = preparedVerifier(algorithm, publicKey.get())) != nullptr;
        return (macs[at] = preparedMac(algorithm, secret)) != nullptr;
    }
    bool verifiesMac(Algorithm algorithm, std::string_view input, std::string_view signature) const {
        const MacContext context(EVP_MAC_CTX_dup(macs[static_cast<std::size_t>(algorithm)].get()));
        std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
        std::size_t size = 0;
        const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
        const bool made = context && EVP_MAC_update(context.get(), bytes, input.size()) == 1 &&
                          EVP_MAC_final(context.get(), mac.data(), &size, mac.size()) == 1;
        return made && size == signature.size() && CRYPTO_memcmp(mac.data(), signature.data(), size) == 0;
    }
    // RFC 8017 section 8.1.2 step 1 and 8.2.2 step 1; OpenSSL takes a PSS signature without the zeros that it begins
    // with.
    bool isWhole(std::string_view signature) const {
        return signature.size() == static_cast<std::size_t>(EVP_PKEY_get_size(publicKey.get()));
    }
    bool verifiesSignature(Algorithm algorithm, std::string_view input, std::string_view signature) const {
        const MdContext context(EVP_MD_CTX_new());
        const auto& verifier = verifiers[static_cast<std::size_t>(algorithm)];
        if (!context || EVP_MD_CTX_copy_ex(context.get(), verifier.get()) != 1) return false;
        const auto* text = reinterpret_cast<const unsigned char*>(input.data());
        const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
        return EVP_DigestVerify(context.get(), bytes, signature.size(), text, input.size()) == 1;
    }
};

// Turns key material into a key that is ready.
class KeyReader {
public:
    static Key::Result make(KeyMaterial material) {
        Key key;
        auto prepared = std::make_shared<Key::Prepared>();
        prepared->publicKey = std::move(material.publicKey);
        prepared->coordinateBytes = material.coordinateBytes;
        for (std::size_t i = 0; i < algorithmCount; ++i) {
            const auto algorithm = static_cast<Algorithm>(i);
            if (material.algorithms.contains(algorithm) && prepared->prepare(algorithm, material.secret))
                key.algorithms_.add(algorithm);
        }
        OPENSSL_cleanse(material.secret.data(), material.secret.size());
        if (key.algorithms_.empty()) return KeyFault{"OpenSSL cannot use it"};
        key.id_ = std::move(material.id);
        key.issuer_ = std::move(material.issuer);
        key.isPrivate_ = material.isPrivate;
        key.prepared_ = std::move(prepared);
        return key;
    }
    static Key::Result make(std::variant<KeyMaterial, KeyFault> read) {
        if (auto* fault = std::get_if<KeyFault>(&read)) return std::move(*fault);
        return make(std::get<KeyMaterial>(std::move(read)));
    }
};

Key::Result Key::fromJwk(const Json& jwk) { return KeyReader::make(materialOfJwk(jwk)); }
Key::Result Key::fromPem(std::string_view pem) { return KeyReader::make(materialOfPem(pem)); }
Key::Result Key::fromSecret(std::string_view bytes, std::string id) {
    return KeyReader::make(materialOfSecret(bytes, std::move(id)));
}

bool Key::isSymmetric() const { return !prepared_->publicKey; }

bool Key::verifies(Algorithm algorithm, std::string_view input, std::string_view signature) const {
    if (!algorithms_.contains(algorithm)) return false;
    if (isSymmetric()) return prepared_->verifiesMac(algorithm, input, signature);
    if (!isEcdsa(algorithm))
        return prepared_->isWhole(signature) && prepared_->verifiesSignature(algorithm, input, signature);
    const std::string der = derOf(signature, prepared_->coordinateBytes);
    return !der.empty() && prepared_->verifiesSignature(algorithm, input, der);
}

} // namespace gatehouse::jose
