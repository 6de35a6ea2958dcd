#include <openssl/pem.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>

#include <gatehouse/jose/key.hpp>

#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace gatehouse::test;

namespace {

std::string complaint(std::string_view pem) {
    const auto read = Key::fromPem(pem);
    const auto* fault = std::get_if<KeyFault>(&read);
    return fault ? fault->words : "";
}

template <class Write>
std::string written(Write write) {
    const auto out = minting::owned(BIO_new(BIO_s_mem()), BIO_free_all);
    minting::must(write(out.get()) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string certificateOf(const SigningKey& key) {
    const auto certificate = minting::owned(X509_new(), X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.handle());
    minting::must(X509_sign(certificate.get(), key.handle(), EVP_sha256()) > 0);
    return written([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

std::string encryptedPem(const SigningKey& key) {
    return written([&](BIO* out) {
        char word[] = "open";
        return PEM_write_bio_PKCS8PrivateKey(out, key.handle(), EVP_aes_128_cbc(), word, 4, nullptr, nullptr);
    });
}

SigningKey generated(const char* type, const char* group = nullptr) {
    if (!group) return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, type));
    return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, type, group));
}

} // namespace

TEST_CASE("a public key or a certificate in PEM verifies what its owner signed") {
    const SigningKey &rsa = keyFor("RS256"), &ec = keyFor("ES256");
    const std::string pkcs1 = written([&](BIO* out) {
        unsigned char* der = nullptr;
        const int size = i2d_PublicKey(rsa.handle(), &der);
        const auto owner = minting::owned(der, [](unsigned char* bytes) { OPENSSL_free(bytes); });
        return PEM_write_bio(out, "RSA PUBLIC KEY", "", der, size) > 0 ? 1 : 0;
    });
    struct Row {
        const char* what;
        std::string pem, algorithm;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"RSA", rsa.publicPem(), "RS256"},
             {"RSA as PKCS#1", pkcs1, "RS256"},
             {"RSA for PSS", rsa.publicPem(), "PS512"},
             {"a certificate", certificateOf(ec), "ES256"},
             {"a certificate with words before it", "our provider\n" + certificateOf(ec), "ES256"},
             {"EC", ec.publicPem(), "ES256"},
             {"without a line break at its end", ec.publicPem().substr(0, ec.publicPem().size() - 1), "ES256"}}) {
        DYNAMIC_SECTION(row.what) {
            INFO(complaint(row.pem));
            const auto read = Key::fromPem(row.pem);
            REQUIRE(std::holds_alternative<Key>(read));
            const Key& key = std::get<Key>(read);
            CHECK(key.id().empty());
            CHECK(
                key.verifies(*algorithmNamed(row.algorithm), "x", keyFor(row.algorithm).signature(row.algorithm, "x")));
        }
    }
}

TEST_CASE("what is no public key in PEM is refused") {
    struct Row {
        const char* what;
        std::string pem;
        const char* complaint;
    };
    const std::string good = keyFor("ES256").publicPem();
    for (const Row& row : std::initializer_list<Row>{
             {"nothing", "", "no public key"},
             {"words", "ssh-rsa AAAAB3NzaC1yc2E", "no public key"},
             {"cut", good.substr(0, good.size() / 2), "no public key"},
             {"its name only", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "no public key"},
             {"a private key", keyFor("ES256").privatePem(), "a private key does not belong here"},
             {"a private RSA key", keyFor("RS256").privatePem(), "a private key does not belong here"},
             {"a private key with a password", encryptedPem(keyFor("ES256")), "a private key does not belong here"},
             {"a public key before a private one", good + keyFor("ES256").privatePem(),
              "a private key does not belong"},
             {"two keys", good + keyFor("RS256").publicPem(), "several public keys"},
             {"larger than any key", good + std::string(65'536, ' '), "larger"},
             {"a curve that no algorithm uses", generated("EC", "secp224r1").publicPem(), "a curve that no algorithm"},
             {"another curve of 256 bits", generated("EC", "brainpoolP256r1").publicPem(), "a curve that no algorithm"},
             {"a key for key agreement", generated("X25519").publicPem(), "a kind of key that no algorithm uses"}}) {
        DYNAMIC_SECTION(row.what) { CHECK_THAT(complaint(row.pem), Catch::Contains(row.complaint)); }
    }
}

TEST_CASE("a complaint of a key holds nothing of the key") {
    const std::string pem = keyFor("ES256").privatePem();
    CHECK(complaint(pem).find(pem.substr(40, 12)) == std::string::npos);
    const auto read = Key::fromSecret("correct horse battery staple");
    CHECK(std::get<KeyFault>(read).words.find("horse") == std::string::npos);
}
