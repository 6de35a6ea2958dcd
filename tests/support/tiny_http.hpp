// A tiny HTTP server on 127.0.0.1 that gives one answer to every request, and keeps what it was asked.
#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse::test {

class TinyHttp {
public:
    // `answer`: the whole response as it goes over the wire; empty: none, the connection stays open.
    explicit TinyHttp(std::string answer) : answer_(std::move(answer)) {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(own);
        const bool listens =
            ::bind(socket_, reinterpret_cast<sockaddr*>(&own), size) == 0 && ::listen(socket_, 16) == 0;
        if (!listens || ::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size) != 0)
            throw std::system_error(errno, std::generic_category(), "listen");
        port_ = ntohs(own.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~TinyHttp() {
        const std::uint64_t one = 1;
        static_cast<void>(::write(stop_, &one, sizeof(one)));
        thread_.join();
        for (const int open : open_) ::close(open);
        ::close(socket_);
        ::close(stop_);
    }
    TinyHttp(const TinyHttp&) = delete;
    TinyHttp& operator=(const TinyHttp&) = delete;

    std::string port() const { return std::to_string(port_); }
    std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + port() + path; }
    int connections() const { return connections_; }
    std::vector<std::string> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    void serve() {
        for (;;) {
            std::array<pollfd, 2> wait{{{socket_, POLLIN, 0}, {stop_, POLLIN, 0}}};
            if (::poll(wait.data(), wait.size(), -1) < 0 || wait[1].revents != 0) return;
            const int peer = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
            if (peer < 0) continue;
            ++connections_;
            keep(read(peer));
            if (answer_.empty()) open_.push_back(peer);
            else answer(peer);
        }
    }
    // A head, and the body that its Content-Length names.
    static std::string read(int peer) {
        std::string text;
        std::array<char, 65536> piece{};
        for (std::size_t wanted = std::string::npos; text.size() < wanted;) {
            const ssize_t got = ::recv(peer, piece.data(), piece.size(), 0);
            if (got <= 0) break;
            text.append(piece.data(), static_cast<std::size_t>(got));
            if (text.front() == '\x16') break; // TLS speaks (RFC 8446 section 5.1): no head will come
            const std::size_t head = text.find("\r\n\r\n"), length = text.find("Content-Length: ");
            if (head == std::string::npos) continue;
            wanted = head + 4 + (length < head ? std::stoul(text.substr(length + 16)) : 0);
        }
        return text;
    }
    void keep(std::string text) {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(text));
    }
    void answer(int peer) const {
        static_cast<void>(::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL));
        ::shutdown(peer, SHUT_WR);
        ::close(peer);
    }

    const std::string answer_;
    const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int stop_ = ::eventfd(0, EFD_CLOEXEC);
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    mutable std::mutex mutex_; // guards requests_
    std::vector<std::string> requests_;
    std::vector<int> open_; // the server's thread
    std::thread thread_;
};

inline std::string httpAnswer(const std::string& body, const std::string& line = "200 OK",
                              const std::string& fields = "") {
    return "HTTP/1.1 " + line + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

} // namespace gatehouse::test
