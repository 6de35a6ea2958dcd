#include "http/tls_context.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <thread>

#include <Poco/Net/Context.h>
#include <openssl/ssl.h>
#include <catch2/catch.hpp>

#include "http/http_server.hpp"
#include "http/transport.hpp"
#include "support/own_certificate.hpp"
#include "support/socket_pair.hpp"

using namespace gatehouse::http;
using namespace gatehouse::test;

namespace {

// The message of the refusal, or "" when the files are taken.
std::string refusalOf(const TlsOptions& options) {
    try {
        TlsContext context(options);
        return "";
    } catch (const std::runtime_error& fault) {
        return fault.what();
    }
}

struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// A client of one TLS version against a server on a socket pair; both ends on this thread, never waiting.
class Handshake {
public:
    Handshake(const TlsContext& context, int version)
        : server(tlsTransport(pair_.socket, *context.get())), context_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX_set_min_proto_version(context_.get(), version);
        SSL_CTX_set_max_proto_version(context_.get(), version);
        SSL_CTX_set_security_level(context_.get(), 0);
        client_.reset(SSL_new(context_.get()));
        ::fcntl(pair_.peer.descriptor(), F_SETFL, O_NONBLOCK);
        SSL_set_fd(client_.get(), pair_.peer.descriptor());
    }
    bool run() {
        std::array<char, 100> buffer{};
        for (int i = 0; i < 20; ++i) {
            const bool clientDone = SSL_connect(client_.get()) == 1;
            const IoResult got = server->read(buffer.data(), buffer.size());
            if (got.state == IoResult::State::closed) return false;
            if (clientDone && server->established()) return true;
        }
        return false;
    }
    SSL* client() { return client_.get(); }

private:
    SocketPair pair_;

public:
    const std::unique_ptr<Transport> server;

private:
    std::unique_ptr<SSL_CTX, SslFree> context_;
    std::unique_ptr<SSL, SslFree> client_;
};

} // namespace

TEST_CASE("without options there is no TLS") { CHECK(TlsContext().get() == nullptr); }

TEST_CASE("a certificate and its key are taken; what does not fit is refused by name") {
    const ScratchFolder folder;
    const OwnCertificate mine(folder, "mine"), other(folder, "other");
    const std::string absent = folder.file("absent.pem"), nonsense = folder.write("nonsense.pem", "this is no PEM\n");
    struct Row {
        const char* what;
        TlsOptions options;
        std::string named; // empty: taken
    };
    for (const Row& row : std::initializer_list<Row>{
             {"certificate and key", {mine.certificate, mine.key, ""}, ""},
             {"a chain", {mine.certificate, mine.key, other.certificate}, ""},
             {"no certificate file", {absent, mine.key, ""}, "http.tls.cert_file: cannot read " + absent},
             {"no key file", {mine.certificate, absent, ""}, "http.tls.key_file: cannot read " + absent},
             {"no chain file", {mine.certificate, mine.key, absent}, "http.tls.chain_file: cannot read " + absent},
             {"the key of another", {mine.certificate, other.key, ""}, "http.tls"},
             {"a certificate that is none", {nonsense, mine.key, ""}, "http.tls"},
             {"a key that is none", {mine.certificate, nonsense, ""}, "http.tls"},
             {"a chain without certificate",
              {mine.certificate, mine.key, nonsense},
              "no certificate in " + nonsense}}) {
        DYNAMIC_SECTION(row.what) {
            const std::string refusal = refusalOf(row.options);
            CHECK(refusal.empty() == row.named.empty());
            CHECK(refusal.find(row.named) != std::string::npos);
        }
    }
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, what came before is not") {
    const ScratchFolder folder;
    const OwnCertificate mine(folder, "mine");
    const TlsContext context({mine.certificate, mine.key, ""});
    struct Row {
        const char* what;
        int version;
        bool spoken;
    };
    for (const Row& row : std::initializer_list<Row>{{"TLS 1.0", TLS1_VERSION, false},
                                                     {"TLS 1.1", TLS1_1_VERSION, false},
                                                     {"TLS 1.2", TLS1_2_VERSION, true},
                                                     {"TLS 1.3", TLS1_3_VERSION, true}}) {
        DYNAMIC_SECTION(row.what) { CHECK(Handshake(context, row.version).run() == row.spoken); }
    }
}

TEST_CASE("a TLS transport moves bytes once the handshake is done, and tells the end") {
    const ScratchFolder folder;
    const OwnCertificate mine(folder, "mine");
    const TlsContext context({mine.certificate, mine.key, ""});
    Handshake both(context, TLS1_3_VERSION);
    CHECK(both.server->secure());
    CHECK_FALSE(both.server->established());
    REQUIRE(both.run());
    std::array<char, 100> buffer{};
    REQUIRE(SSL_write(both.client(), "hello", 5) == 5);
    const IoResult got = both.server->read(buffer.data(), buffer.size());
    CHECK(std::string(buffer.data(), got.bytes) == "hello");
    CHECK(both.server->write("world").bytes == 5);
    CHECK(SSL_read(both.client(), buffer.data(), 100) == 5);
    CHECK(both.server->read(buffer.data(), buffer.size()).state == IoResult::State::again);
    both.server->finishWriting();
    CHECK(SSL_read(both.client(), buffer.data(), 100) == 0);
    CHECK(SSL_get_error(both.client(), 0) == SSL_ERROR_ZERO_RETURN);
}

TEST_CASE("a full TLS connection comes back at once, to be tried again") {
    const ScratchFolder folder;
    const OwnCertificate mine(folder, "mine");
    const TlsContext context({mine.certificate, mine.key, ""});
    Handshake both(context, TLS1_3_VERSION);
    REQUIRE(both.run());
    const std::string much(1 << 20, 'x');
    IoResult sent = both.server->write(much);
    for (int i = 0; i < 1000 && sent.state == IoResult::State::done; ++i) sent = both.server->write(much);
    CHECK(sent.state == IoResult::State::again);
}

TEST_CASE("a client may not renegotiate") {
    const ScratchFolder folder;
    const OwnCertificate mine(folder, "mine");
    const TlsContext context({mine.certificate, mine.key, ""});
    CHECK((SSL_CTX_get_options(context.get()->sslContext()) & SSL_OP_NO_RENEGOTIATION) != 0);
}

TEST_CASE("plain text where TLS is expected ends the connection, nothing else") {
    const ScratchFolder folder;
    const OwnCertificate mine(folder, "mine");
    const TlsContext context({mine.certificate, mine.key, ""});
    SocketPair pair;
    const auto server = tlsTransport(pair.socket, *context.get());
    REQUIRE(pair.peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    std::array<char, 100> buffer{};
    CHECK(server->read(buffer.data(), buffer.size()).state == IoResult::State::closed);
    CHECK_FALSE(server->established());
}
