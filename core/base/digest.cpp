#include "base/digest.hpp"

#include <cstring>
#include <memory>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/hex_digit.hpp"

namespace gatehouse {

namespace {

// One context per thread: fetching the algorithm anew costs more than the hash itself.
struct Hasher {
    std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free};
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

} // namespace

Sha256 sha256(std::string_view text) {
    thread_local Hasher hasher;
    Sha256 digest{};
    unsigned length = 0;
    const bool done = EVP_DigestInit_ex2(hasher.context.get(), hasher.algorithm.get(), nullptr) == 1 &&
                      EVP_DigestUpdate(hasher.context.get(), text.data(), text.size()) == 1 &&
                      EVP_DigestFinal_ex(hasher.context.get(), digest.data(), &length) == 1;
    if (!done || length != digest.size()) throw std::runtime_error("SHA-256 is not available from OpenSSL");
    return digest;
}

Sha256 hmacSha256(std::string_view key, std::string_view text) {
    Sha256 mac{};
    unsigned length = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), mac.data(), &length))
        throw std::runtime_error("HMAC is not available from OpenSSL");
    return mac;
}

std::string hex(const Sha256& digest) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(2 * digest.size());
    for (const std::uint8_t byte : digest) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::optional<Sha256> digestFromHex(std::string_view text) {
    Sha256 digest{};
    if (text.size() != 2 * digest.size()) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const int high = hexValue(text[2 * i]);
        const int low = hexValue(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        digest[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return digest;
}

bool equalInConstantTime(const Sha256& a, const Sha256& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::size_t DigestHash::operator()(const Sha256& digest) const noexcept {
    std::size_t out = 0;
    std::memcpy(&out, digest.data(), sizeof(out));
    return out;
}

} // namespace gatehouse
