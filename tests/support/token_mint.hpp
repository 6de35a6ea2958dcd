// Keys, and compact JWS signed with them by OpenSSL itself, for tests of what verifies them.
//
// Every key is made once for the process; making RSA keys takes long.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <gatehouse/base64.hpp>
#include <gatehouse/json.hpp>

namespace gatehouse::test {

namespace minting {

template <class Object, class Free>
std::shared_ptr<Object> owned(Object* object, Free free) {
    if (!object) throw std::runtime_error("OpenSSL made nothing");
    return {object, free};
}
inline void must(bool done) {
    if (!done) throw std::runtime_error("OpenSSL refuses");
}
inline const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// "RS256" -> "SHA256"; none for EdDSA.
inline const char* hashOf(std::string_view algorithm) {
    if (algorithm.find("256") != std::string_view::npos) return "SHA256";
    if (algorithm.find("384") != std::string_view::npos) return "SHA384";
    return algorithm.find("512") != std::string_view::npos ? "SHA512" : nullptr;
}

} // namespace minting

class SigningKey {
public:
    explicit SigningKey(EVP_PKEY* key) : key_(minting::owned(key, EVP_PKEY_free)) {}

    EVP_PKEY* handle() const { return key_.get(); }
    std::string number(const char* parameter, int width = 0) const { // big-endian
        BIGNUM* value = nullptr;
        minting::must(EVP_PKEY_get_bn_param(handle(), parameter, &value) == 1);
        const auto owner = minting::owned(value, BN_free);
        std::string out(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(value)), '\0');
        minting::must(BN_bn2binpad(value, minting::bytesOf(out), static_cast<int>(out.size())) >= 0);
        return out;
    }
    int coordinateBytes() const { return (EVP_PKEY_get_bits(handle()) + 7) / 8; }

    // The public half; `more` is added ("kid", "alg", ...).
    Json jwk(const Json& more = Json::object()) const {
        Json out = more;
        const int kind = EVP_PKEY_get_base_id(handle());
        if (kind == EVP_PKEY_RSA) {
            out.update({{"kty", "RSA"}, {"n", base64Url(number("n"))}, {"e", base64Url(number("e"))}});
        } else if (kind == EVP_PKEY_EC) {
            static const std::map<std::string, const char*> curves{
                {"prime256v1", "P-256"}, {"secp384r1", "P-384"}, {"secp521r1", "P-521"}, {"secp256k1", "secp256k1"}};
            char group[64] = "";
            minting::must(EVP_PKEY_get_group_name(handle(), group, sizeof group, nullptr) == 1);
            out.update({{"kty", "EC"}, {"crv", curves.at(group)}});
            for (const char* axis : {"x", "y"})
                out[axis] = base64Url(number(axis[0] == 'x' ? "qx" : "qy", coordinateBytes()));
        } else {
            std::size_t size = 64;
            std::string raw(size, '\0');
            minting::must(EVP_PKEY_get_raw_public_key(handle(), minting::bytesOf(raw), &size) == 1);
            raw.resize(size);
            const char* crv = kind == EVP_PKEY_ED25519 ? "Ed25519" : "Ed448";
            out.update({{"kty", "OKP"}, {"crv", crv}, {"x", base64Url(raw)}});
        }
        return out;
    }
    std::string publicPem() const {
        return written([this](BIO* out) { return PEM_write_bio_PUBKEY(out, handle()); });
    }
    std::string privatePem() const {
        return written([this](BIO* out) {
            return PEM_write_bio_PrivateKey(out, handle(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }

    // As OpenSSL makes it: ECDSA in DER. `saltBytes`: of PSS; -1: as long as the hash.
    std::string rawSignature(std::string_view algorithm, std::string_view input, int saltBytes = -1) const {
        const auto context = minting::owned(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        EVP_PKEY_CTX* parameters = nullptr;
        minting::must(EVP_DigestSignInit_ex(context.get(), &parameters, minting::hashOf(algorithm), nullptr, nullptr,
                                            handle(), nullptr) == 1);
        if (algorithm[0] == 'P')
            minting::must(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
                          EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, saltBytes) == 1);
        std::size_t size = 0;
        const auto* text = minting::bytesOf(input);
        minting::must(EVP_DigestSign(context.get(), nullptr, &size, text, input.size()) == 1);
        std::string out(size, '\0');
        minting::must(EVP_DigestSign(context.get(), minting::bytesOf(out), &size, text, input.size()) == 1);
        out.resize(size);
        return out;
    }
    // As JWS has it (RFC 7518 section 3.4: r and s side by side).
    std::string signature(std::string_view algorithm, std::string_view input) const {
        const std::string raw = rawSignature(algorithm, input);
        if (algorithm.substr(0, 2) != "ES") return raw;
        const auto* at = minting::bytesOf(raw);
        const auto pair = minting::owned(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(raw.size())), ECDSA_SIG_free);
        const int width = coordinateBytes();
        std::string out(static_cast<std::size_t>(2 * width), '\0');
        minting::must(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), minting::bytesOf(out), width) >= 0 &&
                      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), minting::bytesOf(out) + width, width) >= 0);
        return out;
    }

private:
    template <class Write>
    static std::string written(Write write) {
        const auto out = minting::owned(BIO_new(BIO_s_mem()), BIO_free_all);
        minting::must(write(out.get()) == 1);
        char* text = nullptr;
        const long size = BIO_get_mem_data(out.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }
    std::shared_ptr<EVP_PKEY> key_;
};

// The key that signs with this algorithm; `which` tells several of one kind apart.
inline const SigningKey& keyFor(const std::string& algorithm, int which = 0) {
    static std::map<std::string, SigningKey> keys;
    static const std::map<std::string, const char*> curves{
        {"ES256", "P-256"}, {"ES384", "P-384"}, {"ES512", "P-521"}, {"ES256K", "secp256k1"}};
    const bool isRsa = algorithm[0] == 'R' || algorithm[0] == 'P';
    const std::string slot = (isRsa ? "RSA" : algorithm) + std::to_string(which);
    if (const auto made = keys.find(slot); made != keys.end()) return made->second;
    EVP_PKEY* fresh = nullptr;
    if (isRsa) fresh = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
    else if (algorithm == "EdDSA") fresh = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    else if (algorithm == "Ed448") fresh = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448");
    else fresh = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curves.at(algorithm));
    return keys.emplace(slot, SigningKey(fresh)).first->second;
}

inline std::string macOf(std::string_view algorithm, std::string_view secret, std::string_view input) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    minting::must(HMAC(EVP_get_digestbyname(minting::hashOf(algorithm)), secret.data(), static_cast<int>(secret.size()),
                       minting::bytesOf(input), input.size(), minting::bytesOf(out), &size) != nullptr);
    out.resize(size);
    return out;
}

inline std::string signingInput(std::string_view header, std::string_view payload) {
    return base64Url(header) + "." + base64Url(payload);
}
inline std::string joined(const std::string& input, std::string_view signature) {
    return input + "." + base64Url(signature);
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
