#include "base/sealed_text.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <gatehouse/base64.hpp>
#include "base/random.hpp"

namespace gatehouse {

namespace {

constexpr std::string_view mark = "v1.";
constexpr std::size_t nonceSize = 12;
constexpr std::size_t tagSize = 16;
constexpr std::size_t expirySize = 8;
constexpr std::size_t overhead = nonceSize + expirySize + tagSize;

struct Key { // does not move or copy, and is wiped at the end
    Key() = default;
    ~Key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;

    std::array<unsigned char, 32> bytes{};
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

void mustWork(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string(what) + " is not available from OpenSSL");
}

const unsigned char* bytesOf(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string expiryBytes(WallTime time) {
    const auto millis = static_cast<std::uint64_t>(time.time_since_epoch().count());
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(millis >> shift & 255);
    return bytes;
}

WallTime expiryFrom(std::string_view bytes) {
    std::uint64_t millis = 0;
    for (const char byte : bytes) millis = millis << 8 | static_cast<unsigned char>(byte);
    return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(millis)));
}

void derive(std::string_view secret, std::string_view purpose, Key& key) {
    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr),
                                                                 &EVP_KDF_free);
    mustWork(hkdf != nullptr, "HKDF");
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(hkdf.get()),
                                                                            &EVP_KDF_CTX_free);
    std::string digest = "SHA256", info = "gatehouse sealed text v1 " + std::string(purpose);
    const std::array<OSSL_PARAM, 4> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char*>(secret.data()), secret.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()), OSSL_PARAM_construct_end()};
    mustWork(context && EVP_KDF_derive(context.get(), key.bytes.data(), key.bytes.size(), parameters.data()) == 1,
             "HKDF-SHA256");
}

void checkSecrets(const std::vector<std::string>& secrets) {
    if (secrets.size() > Sealer::maxSecrets)
        throw std::invalid_argument("sealing secrets: " + std::to_string(secrets.size()) + " given, at most " +
                                    std::to_string(Sealer::maxSecrets) + " are allowed");
    for (std::size_t i = 0; i < secrets.size(); ++i)
        if (secrets[i].size() < Sealer::minSecret)
            throw std::invalid_argument("sealing secrets: number " + std::to_string(i + 1) + " has " +
                                        std::to_string(secrets[i].size()) + " bytes, expected at least " +
                                        std::to_string(Sealer::minSecret));
}

} // namespace

// The derived keys and what is done with them.
class Sealer::Keys {
public:
    Keys(const std::vector<std::string>& secrets, std::string_view purpose)
        : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr), &EVP_CIPHER_free), keys_(secrets.size()) {
        mustWork(cipher_ != nullptr, "AES-256-GCM");
        for (std::size_t i = 0; i < secrets.size(); ++i) derive(secrets[i], purpose, keys_[i]);
    }

    // nonce | ciphertext | tag
    std::string encrypted(std::string_view plain, std::string_view bound) const {
        std::string out = randomBytes(nonceSize);
        const Context context = started(keys_.front(), out, bound, 1);
        out.resize(nonceSize + plain.size() + tagSize);
        unsigned char* const body = bytesOf(out) + nonceSize;
        unsigned char* const tag = body + plain.size();
        int length = 0;
        mustWork(EVP_CipherUpdate(context.get(), body, &length, bytesOf(plain), static_cast<int>(plain.size())) == 1 &&
                     EVP_CipherFinal_ex(context.get(), tag, &length) == 1 &&
                     EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tagSize, tag) == 1,
                 "AES-256-GCM");
        return out;
    }

    // Nothing when no key opens it. `sealed` has at least `overhead` bytes.
    std::optional<std::string> decrypted(std::string_view sealed, std::string_view bound) const {
        for (const Key& key : keys_)
            if (auto plain = decrypted(key, sealed, bound)) return plain;
        return std::nullopt;
    }

private:
    Context started(const Key& key, std::string_view nonce, std::string_view bound, int encrypt) const {
        Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
        int length = 0;
        mustWork(
            context &&
                EVP_CipherInit_ex2(context.get(), cipher_.get(), key.bytes.data(), bytesOf(nonce), encrypt, nullptr) ==
                    1 &&
                EVP_CipherUpdate(context.get(), nullptr, &length, bytesOf(bound), static_cast<int>(bound.size())) == 1,
            "AES-256-GCM");
        return context;
    }

    std::optional<std::string> decrypted(const Key& key, std::string_view sealed, std::string_view bound) const {
        const Context context = started(key, sealed.substr(0, nonceSize), bound, 0);
        const std::string_view body = sealed.substr(nonceSize, sealed.size() - nonceSize - tagSize);
        std::string tag(sealed.substr(sealed.size() - tagSize)), plain(body.size(), '\0');
        int length = 0;
        if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tagSize, tag.data()) == 1 &&
            EVP_CipherUpdate(context.get(), bytesOf(plain), &length, bytesOf(body), static_cast<int>(body.size())) ==
                1 &&
            EVP_CipherFinal_ex(context.get(), bytesOf(plain) + length, &length) == 1)
            return plain;
        OPENSSL_cleanse(plain.data(), plain.size()); // what was not authenticated is not kept
        return std::nullopt;
    }

    std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher_;
    std::vector<Key> keys_;
};

Sealer::Sealer(const std::vector<std::string>& secrets, std::string_view purpose, const Clock& clock) : clock_(clock) {
    checkSecrets(secrets);
    if (!secrets.empty()) {
        keys_ = std::make_unique<const Keys>(secrets, purpose);
        return;
    }
    std::vector<std::string> own{randomBytes(minSecret)};
    keys_ = std::make_unique<const Keys>(own, purpose);
    OPENSSL_cleanse(own.front().data(), own.front().size());
}

Sealer::~Sealer() = default;

std::string Sealer::seal(std::string_view plain, std::string_view bound, WallTime expiresAt) const {
    if (plain.size() > maxPlain) throw std::length_error("a text to seal is longer than " + std::to_string(maxPlain));
    if (bound.size() > maxBound)
        throw std::length_error("what a text is bound to is longer than " + std::to_string(maxBound));
    std::string dated = expiryBytes(expiresAt).append(plain);
    return std::string(mark) + base64Url(keys_->encrypted(dated, bound));
}

std::variant<std::string, Sealer::Refusal> Sealer::open(std::string_view sealed, std::string_view bound) const {
    if (sealed.size() > maxSealed || sealed.substr(0, mark.size()) != mark) return Refusal::malformed;
    const auto bytes = fromBase64Url(sealed.substr(mark.size()));
    if (!bytes || bytes->size() < overhead) return Refusal::malformed;
    if (bound.size() > maxBound) return Refusal::forged;
    auto dated = keys_->decrypted(*bytes, bound);
    if (!dated) return Refusal::forged;
    if (clock_.wall() >= expiryFrom(std::string_view(*dated).substr(0, expirySize))) return Refusal::expired;
    dated->erase(0, expirySize);
    return std::move(*dated);
}

} // namespace gatehouse
