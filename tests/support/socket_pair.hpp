// Two connected sockets: one end for a Transport, the other for the test, which reads and writes it with a bound.
#pragma once

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse::test {

class PeerEnd {
public:
    explicit PeerEnd(int descriptor = -1) : descriptor_(descriptor) {}
    PeerEnd(PeerEnd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    PeerEnd& operator=(PeerEnd&& other) noexcept {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
        return *this;
    }
    ~PeerEnd() { close(); }

    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }
    void shutdownWrite() { ::shutdown(descriptor_, SHUT_WR); }
    int descriptor() const { return descriptor_; }

    // False when the other side takes nothing more within the bound.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno == EAGAIN && waitFor(POLLOUT)) continue;
            if (sent < 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // Reads until `text` has come, the end, or the bound; gives all of it.
    std::string readUntil(std::string_view text) {
        std::string out;
        while (out.find(text) == std::string::npos && readSome(out)) continue;
        return out;
    }
    // Reads until the other side ends the connection. Throws when it does not within the bound: that is no end.
    std::string readToEnd() {
        std::string out;
        for (;;) {
            if (!waitFor(POLLIN)) throw std::runtime_error("the connection does not end");
            if (!readSome(out)) return out;
        }
    }
    std::string readBytes(std::size_t count) {
        std::string out;
        while (out.size() < count && readSome(out)) continue;
        return out;
    }
    bool quiet() const { // nothing has come
        pollfd one{descriptor_, POLLIN, 0};
        return ::poll(&one, 1, 0) == 0;
    }

private:
    bool waitFor(short events) const {
        pollfd one{descriptor_, events, 0};
        return ::poll(&one, 1, 20'000) == 1;
    }
    bool readSome(std::string& out) const {
        std::array<char, 65536> piece;
        if (!waitFor(POLLIN)) return false;
        const ssize_t got = ::recv(descriptor_, piece.data(), piece.size(), 0);
        if (got <= 0) return false;
        out.append(piece.data(), static_cast<std::size_t>(got));
        return true;
    }
    int descriptor_;
};

struct SocketPair {
    SocketPair() {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
            throw std::system_error(errno, std::generic_category(), "socketpair");
        socket = Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(ends[0]));
        socket.setBlocking(false);
        peer = PeerEnd(ends[1]);
    }
    Poco::Net::StreamSocket socket; // the server's end, never waiting
    PeerEnd peer;
};

} // namespace gatehouse::test
