#include <gatehouse/jose/client_credentials.hpp>

#include <array>
#include <stdexcept>

#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <gatehouse/base64.hpp>

#include "openssl_handles.hpp"

namespace gatehouse::jose {

namespace {

constexpr std::chrono::seconds assertionLife{60};
constexpr int es256Bytes = 32;

int noPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

// RFC 7518 3.4: r and s side by side.
std::string sideBySide(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string out(2 * es256Bytes, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes, es256Bytes) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes + es256Bytes, es256Bytes) < 0)
        throw std::runtime_error("a client assertion cannot be signed");
    return out;
}

bool isOnP256(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    return EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
           std::string_view(group.data()) == "prime256v1";
}

std::string randomId() {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("the system has no random bytes");
    return base64Url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

} // namespace

struct ClientCredentials::SigningKey {
    PublicKey key; // with its private half
    const char* algorithm;

    std::string sign(const std::string& input) const {
        const MdContext context(EVP_MD_CTX_new());
        const auto* text = reinterpret_cast<const unsigned char*>(input.data());
        std::size_t size = 0;
        if (!context ||
            EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(), nullptr) != 1 ||
            EVP_DigestSign(context.get(), nullptr, &size, text, input.size()) != 1)
            throw std::runtime_error("a client assertion cannot be signed");
        std::string out(size, '\0');
        if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, text, input.size()) != 1)
            throw std::runtime_error("a client assertion cannot be signed");
        out.resize(size);
        return algorithm[0] == 'E' ? sideBySide(out) : out;
    }
};

static void refuseReadableByAll(const std::string& file) {
    struct stat found {};
    if (::stat(file.c_str(), &found) == 0 && (found.st_mode & S_IROTH) != 0)
        throw SettingsError("private_key_file: " + file +
                            " can be read by every user of this machine; run: chmod o-rwx " + file);
}

ClientCredentials::ClientCredentials(const Settings& settings) : id_(settings.string("client_id")) {
    const bool hasSecret = settings.has("client_secret"), hasKey = settings.has("private_key_file");
    keyId_ = settings.string("key_id", "");
    if (hasSecret == hasKey) throw SettingsError("expected one of client_secret and private_key_file");
    if (hasSecret) {
        secret_ = settings.secret("client_secret");
        return;
    }
    const std::string pem = settings.fileOf("private_key_file");
    refuseReadableByAll(settings.string("private_key_file"));
    const Memory text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    PublicKey key(text ? PEM_read_bio_PrivateKey(text.get(), nullptr, noPassword, nullptr) : nullptr);
    const int kind = key ? EVP_PKEY_get_base_id(key.get()) : 0;
    const bool isRsa = kind == EVP_PKEY_RSA && EVP_PKEY_get_bits(key.get()) >= 2048;
    const bool isEc = kind == EVP_PKEY_EC && isOnP256(key.get());
    if (!isRsa && !isEc)
        throw SettingsError(
            "private_key_file: expected an RSA key of at least 2048 bits or a P-256 key, in PEM without a password");
    key_.reset(new SigningKey{std::move(key), isRsa ? "RS256" : "ES256"});
}

ClientCredentials::~ClientCredentials() = default;
ClientCredentials::ClientCredentials(ClientCredentials&&) noexcept = default;

std::string ClientCredentials::assertion(const std::string& audience, WallTime now) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    Json header = {{"alg", key_->algorithm}, {"typ", "JWT"}};
    if (!keyId_.empty()) header["kid"] = keyId_;
    const Json claims = {{"iss", id_},
                         {"sub", id_},
                         {"aud", audience},
                         {"jti", randomId()},
                         {"iat", seconds.count()},
                         {"exp", (seconds + assertionLife).count()}};
    const std::string input = base64Url(header.dump()) + "." + base64Url(claims.dump());
    return input + "." + base64Url(key_->sign(input));
}

FetchRequest ClientCredentials::request(const std::string& url, Form form, WallTime now) const {
    if (key_) {
        form.emplace_back("client_id", id_);
        form.emplace_back("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        form.emplace_back("client_assertion", assertion(url, now));
        return formRequest(url, form);
    }
    FetchRequest request = formRequest(url, form);
    request.headers.emplace_back("Authorization", "Basic " + base64(formEscaped(id_) + ":" + formEscaped(secret_)));
    return request;
}

} // namespace gatehouse::jose
