#include "http/transport.hpp"

#include <cerrno>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gatehouse::http {

namespace {

// As recv() and send(), which in a program of several threads look twice a call whether theirs is cancelled: none is.
ssize_t received(int socket, char* into, std::size_t size) {
    return ::syscall(SYS_recvfrom, socket, into, size, 0, nullptr, nullptr);
}
ssize_t sent(int socket, std::string_view bytes) {
    return ::syscall(SYS_sendto, socket, bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
}

bool isTransient(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

class PlainTransport final : public Transport {
public:
    explicit PlainTransport(const Poco::Net::StreamSocket& socket) : socket_(socket) {}
    ~PlainTransport() override {
        try {
            socket_.close();
        } catch (const Poco::Exception&) { // closed either way
        }
    }

    // The system's own calls: Poco 1.11 throws where a socket that never waits has no room.
    IoResult read(char* into, std::size_t size) override {
        const ssize_t got = received(descriptor(), into, size);
        if (got > 0)
            return {IoResult::State::done, static_cast<std::size_t>(got), static_cast<std::size_t>(got) < size};
        return {got < 0 && isTransient(errno) ? IoResult::State::again : IoResult::State::closed, 0, true};
    }

    IoResult write(std::string_view bytes) override {
        const ssize_t put = sent(descriptor(), bytes);
        if (put > 0) return {IoResult::State::done, static_cast<std::size_t>(put), false};
        return {put < 0 && isTransient(errno) ? IoResult::State::again : IoResult::State::closed, 0, false};
    }

    bool established() const override { return true; }
    bool secure() const override { return false; }
    void finishWriting() override { ::shutdown(descriptor(), SHUT_WR); }
    int descriptor() const override { return descriptor_; }
    std::size_t untaken() const override {
        int bytes = 0;
        return ::ioctl(descriptor(), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
    }

private:
    Poco::Net::StreamSocket socket_;
    const int descriptor_ = socket_.impl()->sockfd();
};

class TlsTransport final : public Transport {
public:
    TlsTransport(const Poco::Net::StreamSocket& socket, const Poco::Net::Context& context)
        : plain_(socket), ssl_(SSL_new(context.sslContext()), &SSL_free) {
        if (!ssl_) return;
        SSL_set_fd(ssl_.get(), plain_.descriptor());
        SSL_set_accept_state(ssl_.get());
        SSL_set_mode(ssl_.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    }

    IoResult read(char* into, std::size_t size) override {
        if (!ssl_) return {IoResult::State::closed, 0, true};
        ERR_clear_error();
        std::size_t got = 0;
        if (SSL_read_ex(ssl_.get(), into, size, &got) == 1) return {IoResult::State::done, got, false};
        return failed(0);
    }

    IoResult write(std::string_view bytes) override {
        if (!ssl_) return {IoResult::State::closed, 0, false};
        ERR_clear_error();
        std::size_t sent = 0;
        if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) == 1)
            return {IoResult::State::done, sent, false};
        return failed(0);
    }

    bool established() const override { return ssl_ && SSL_is_init_finished(ssl_.get()) == 1; }
    bool secure() const override { return true; }
    void finishWriting() override {
        if (established()) SSL_shutdown(ssl_.get());
        ERR_clear_error();
        plain_.finishWriting();
    }
    int descriptor() const override { return plain_.descriptor(); }
    std::size_t untaken() const override { return plain_.untaken(); }

private:
    IoResult failed(int result) const {
        const int why = SSL_get_error(ssl_.get(), result);
        const bool waits = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
        ERR_clear_error();
        return {waits ? IoResult::State::again : IoResult::State::closed, 0, true};
    }

    PlainTransport plain_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

} // namespace

std::unique_ptr<Transport> plainTransport(const Poco::Net::StreamSocket& socket) {
    return std::make_unique<PlainTransport>(socket);
}

std::unique_ptr<Transport> tlsTransport(const Poco::Net::StreamSocket& socket, const Poco::Net::Context& context) {
    return std::make_unique<TlsTransport>(socket, context);
}

} // namespace gatehouse::http
