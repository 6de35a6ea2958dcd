// Public keys and certificates in PEM (RFC 7468).
#include <openssl/pem.h>

#include "key_material.hpp"

namespace gatehouse::jose {

namespace {

// Never prompts for a password.
int noPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

PublicKey readPublicKey(std::string_view pem) {
    const Memory text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return PublicKey(text ? PEM_read_bio_PUBKEY(text.get(), nullptr, noPassword, nullptr) : nullptr);
}

PublicKey readCertificateKey(std::string_view pem) {
    const Memory text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Certificate certificate(text ? PEM_read_bio_X509(text.get(), nullptr, noPassword, nullptr) : nullptr);
    return PublicKey(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

// Of a chain of certificates the first is meant; several keys are ambiguous.
int keysIn(std::string_view pem) {
    constexpr std::string_view mark = "PUBLIC KEY-----";
    int marks = 0;
    for (std::size_t at = pem.find(mark); at != std::string_view::npos; at = pem.find(mark, at + mark.size())) ++marks;
    return marks / 2; // of a beginning and an end
}

} // namespace

MaterialResult materialOfPem(std::string_view pem) {
    constexpr std::size_t most = 64 << 10;
    if (pem.size() > most) return KeyFault{"a PEM text larger than any key"};
    if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
        return KeyFault{"a private key does not belong here: give the public key or the certificate"};
    if (keysIn(pem) > 1) return KeyFault{"several public keys: keep one, or give a JWK Set"};
    KeyMaterial material;
    material.publicKey = readPublicKey(pem);
    if (!material.publicKey) material.publicKey = readCertificateKey(pem);
    if (!material.publicKey) return KeyFault{"no public key and no certificate in PEM"};
    if (std::string complaint = judge(material); !complaint.empty()) return KeyFault{std::move(complaint)};
    return material;
}

} // namespace gatehouse::jose
