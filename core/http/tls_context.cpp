#include "http/tls_context.hpp"

#include <stdexcept>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/SSLManager.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/http_server.hpp"

namespace gatehouse::http {

namespace {

void requireReadable(const std::string& file, const char* key) {
    if (::access(file.c_str(), R_OK) != 0) throw std::runtime_error(std::string(key) + ": cannot read " + file);
}

// What everybody on the machine can read is no secret.
void requirePrivate(const std::string& file, const char* key) {
    struct stat found {};
    if (::stat(file.c_str(), &found) == 0 && (found.st_mode & S_IROTH) != 0)
        throw std::runtime_error(std::string(key) + ": " + file +
                                 " can be read by every user of this machine; run: chmod o-rwx " + file);
}

// RFC 9325 section 4.2: forward secrecy and AEAD. TLS 1.3 has nothing else.
void allowGoodCiphersOnly(SSL_CTX* context) {
    constexpr const char* tls12 = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";
    if (SSL_CTX_set_cipher_list(context, tls12) != 1) throw std::runtime_error("http.tls: OpenSSL lacks its ciphers");
}

void addChain(SSL_CTX* context, const std::string& file) {
    requireReadable(file, "http.tls.chain_file");
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(BIO_new_file(file.c_str(), "r"), &BIO_free);
    int added = 0;
    while (X509* certificate = source ? PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr) : nullptr) {
        SSL_CTX_add_extra_chain_cert(context, certificate); // takes ownership
        ++added;
    }
    if (added == 0) throw std::runtime_error("http.tls.chain_file: no certificate in " + file);
}

} // namespace

TlsContext::TlsContext(const TlsOptions& options) {
    requireReadable(options.certificateFile, "http.tls.cert_file");
    requireReadable(options.keyFile, "http.tls.key_file");
    requirePrivate(options.keyFile, "http.tls.key_file");
    try {
        Poco::Net::Context::Params params;
        params.certificateFile = options.certificateFile;
        params.privateKeyFile = options.keyFile;
        params.verificationMode = Poco::Net::Context::VERIFY_NONE; // of clients: tokens say who they are
        params.loadDefaultCAs = false;
        auto* context = new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, params);
        context_ = std::shared_ptr<Poco::Net::Context>(context, [](Poco::Net::Context* held) { held->release(); });
        context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    } catch (const Poco::Exception& fault) {
        throw std::runtime_error("http.tls: " + fault.displayText());
    }
    SSL_CTX* raw = context_->sslContext();
    allowGoodCiphersOnly(raw);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (!options.chainFile.empty()) addChain(raw, options.chainFile);
    if (SSL_CTX_check_private_key(raw) != 1)
        throw std::runtime_error("http.tls: " + options.keyFile + " is not the key of " + options.certificateFile);
}

} // namespace gatehouse::http
