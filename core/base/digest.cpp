#include "base/digest.hpp"

#include <cstring>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/hex_digit.hpp"

namespace gatehouse {

// Each request takes a digest of its token: here the functions of SHA-256 itself, which OpenSSL 3 calls deprecated. The
// way by EVP takes twice as long for a text of that length, most of it for memory that is taken and given back.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

Sha256 sha256(std::string_view text) {
    Sha256 digest{};
    SHA256_CTX context;
    const bool done = SHA256_Init(&context) == 1 && SHA256_Update(&context, text.data(), text.size()) == 1 &&
                      SHA256_Final(digest.data(), &context) == 1;
    if (!done) throw std::runtime_error("SHA-256 is not available from OpenSSL");
    return digest;
}

#pragma GCC diagnostic pop

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
