#include "kit/signing_key.hpp"

#include <map>
#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <gatehouse/base64.hpp>

namespace gatehouse::kit {

namespace {

template <class Object, class Free>
std::shared_ptr<Object> owned(Object* object, Free free) {
    if (!object) throw std::runtime_error("OpenSSL made nothing");
    return {object, free};
}
void must(bool done) {
    if (!done) throw std::runtime_error("OpenSSL refuses");
}
const unsigned char* bytesOf(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// "RS256" -> "SHA256"; none for EdDSA.
const char* hashOf(std::string_view algorithm) {
    if (algorithm.find("256") != std::string_view::npos) return "SHA256";
    if (algorithm.find("384") != std::string_view::npos) return "SHA384";
    return algorithm.find("512") != std::string_view::npos ? "SHA512" : nullptr;
}

template <class Write>
std::string written(Write write) {
    const auto out = owned(BIO_new(BIO_s_mem()), BIO_free_all);
    must(write(out.get()) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

Json curveJwk(const SigningKey& key) {
    const std::map<std::string, const char*> curves{
        {"prime256v1", "P-256"}, {"secp384r1", "P-384"}, {"secp521r1", "P-521"}, {"secp256k1", "secp256k1"}};
    char group[64] = "";
    must(EVP_PKEY_get_group_name(key.handle(), group, sizeof group, nullptr) == 1);
    return {{"kty", "EC"},
            {"crv", curves.at(group)},
            {"x", base64Url(key.number("qx", key.coordinateBytes()))},
            {"y", base64Url(key.number("qy", key.coordinateBytes()))}};
}

Json edwardsJwk(const SigningKey& key) {
    std::size_t size = 64;
    std::string raw(size, '\0');
    must(EVP_PKEY_get_raw_public_key(key.handle(), bytesOf(raw), &size) == 1);
    raw.resize(size);
    const bool isSmall = EVP_PKEY_get_base_id(key.handle()) == EVP_PKEY_ED25519;
    return {{"kty", "OKP"}, {"crv", isSmall ? "Ed25519" : "Ed448"}, {"x", base64Url(raw)}};
}

} // namespace

SigningKey::SigningKey(EVP_PKEY* key) : key_(owned(key, EVP_PKEY_free)) {}

SigningKey SigningKey::forAlgorithm(const std::string& algorithm) {
    const std::map<std::string, const char*> curves{
        {"ES256", "P-256"}, {"ES384", "P-384"}, {"ES512", "P-521"}, {"ES256K", "secp256k1"}};
    if (algorithm[0] == 'R' || algorithm[0] == 'P')
        return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
    if (algorithm == "EdDSA") return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (algorithm == "Ed448") return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"));
    return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curves.at(algorithm)));
}

std::string SigningKey::number(const char* parameter, int width) const {
    BIGNUM* value = nullptr;
    must(EVP_PKEY_get_bn_param(handle(), parameter, &value) == 1);
    const auto owner = owned(value, BN_free);
    std::string out(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(value)), '\0');
    must(BN_bn2binpad(value, bytesOf(out), static_cast<int>(out.size())) >= 0);
    return out;
}

int SigningKey::coordinateBytes() const { return (EVP_PKEY_get_bits(handle()) + 7) / 8; }

Json SigningKey::jwk(const Json& more) const {
    Json out = more;
    const int kind = EVP_PKEY_get_base_id(handle());
    if (kind == EVP_PKEY_RSA)
        out.update({{"kty", "RSA"}, {"n", base64Url(number("n"))}, {"e", base64Url(number("e"))}});
    else out.update(kind == EVP_PKEY_EC ? curveJwk(*this) : edwardsJwk(*this));
    return out;
}

std::string SigningKey::publicPem() const {
    return written([this](BIO* out) { return PEM_write_bio_PUBKEY(out, handle()); });
}

std::string SigningKey::publicDer() const {
    return written([this](BIO* out) { return i2d_PUBKEY_bio(out, handle()); });
}

std::string SigningKey::privatePem() const {
    return written(
        [this](BIO* out) { return PEM_write_bio_PrivateKey(out, handle(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string SigningKey::rawSignature(std::string_view algorithm, std::string_view input, int saltBytes) const {
    const auto context = owned(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* parameters = nullptr;
    must(EVP_DigestSignInit_ex(context.get(), &parameters, hashOf(algorithm), nullptr, nullptr, handle(), nullptr) ==
         1);
    if (algorithm[0] == 'P')
        must(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, saltBytes) == 1);
    std::size_t size = 0;
    must(EVP_DigestSign(context.get(), nullptr, &size, bytesOf(input), input.size()) == 1);
    std::string out(size, '\0');
    must(EVP_DigestSign(context.get(), bytesOf(out), &size, bytesOf(input), input.size()) == 1);
    out.resize(size);
    return out;
}

std::string SigningKey::signature(std::string_view algorithm, std::string_view input) const {
    const std::string raw = rawSignature(algorithm, input);
    if (algorithm.substr(0, 2) != "ES") return raw;
    const auto* at = bytesOf(raw);
    const auto pair = owned(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(raw.size())), ECDSA_SIG_free);
    const int width = coordinateBytes();
    std::string out(static_cast<std::size_t>(2 * width), '\0');
    must(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytesOf(out), width) >= 0 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytesOf(out) + width, width) >= 0);
    return out;
}

std::string macOf(std::string_view algorithm, std::string_view secret, std::string_view input) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    must(HMAC(EVP_get_digestbyname(hashOf(algorithm)), secret.data(), static_cast<int>(secret.size()), bytesOf(input),
              input.size(), bytesOf(out), &size) != nullptr);
    out.resize(size);
    return out;
}

std::string signingInput(std::string_view header, std::string_view payload) {
    return base64Url(header) + "." + base64Url(payload);
}

std::string compact(const std::string& input, std::string_view signature) { return input + "." + base64Url(signature); }

} // namespace gatehouse::kit
