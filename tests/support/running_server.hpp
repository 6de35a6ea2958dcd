// A real Server on a thread of its own and a free port, and the small HTTP client that tests call it with.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "server/server.hpp"
#include "support/pipe_pair.hpp"

namespace gatehouse::test {

struct Got {
    int status = 0; // 0: no answer
    std::string head, body;
};

// One request on a connection of its own. `headers`: further lines, each ended by CR LF.
inline Got fetch(std::uint16_t port, const std::string& method, const std::string& path,
                 const std::string& headers = "", const std::string& body = "") {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{20, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string text;
    if (::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0) {
        const std::string length = body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
        const std::string request = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                                    "\r\nConnection: close\r\n" + headers + length + "\r\n" + body;
        std::array<char, 65536> buffer{};
        ssize_t got = ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
        while (got > 0 && (got = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0)
            text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(socket);
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos || text.size() < 12) return {};
    return {std::stoi(text.substr(9, 3)), text.substr(0, end), text.substr(end + 4)};
}

class RunningServer {
public:
    // Throws what the server's constructor throws.
    explicit RunningServer(const Config& config, const ServerOptions& options = {}) {
        std::promise<Server*> made;
        auto server = made.get_future();
        thread_ = std::thread([this, config, options, &made] { live(config, options, made); });
        try {
            server_ = server.get();
        } catch (...) {
            thread_.join();
            throw;
        }
        said_ = pipe_.readUntil("/mcp\n");
        const std::size_t end = said_.rfind("/mcp\n");
        port_ = static_cast<std::uint16_t>(std::stoi(said_.substr(said_.rfind(':', end) + 1)));
    }
    ~RunningServer() {
        if (thread_.joinable()) stop();
    }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    std::uint16_t port() const { return port_; }
    const std::string& saidAtStart() const { return said_; }
    std::string waitForLine(const std::string& part) { return pipe_.readUntil(part); }
    Server& server() { return *server_; }
    bool callsLeft() const { return callsLeft_; } // after stop()
    void stop() {
        server_->stop();
        stopReturned_.set_value();
        thread_.join();
    }
    Got get(const std::string& path) const { return fetch(port_, "GET", path); }
    Got call(const std::string& token, const std::string& message) const {
        const std::string authorization = token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
        return fetch(
            port_, "POST", "/mcp",
            authorization + "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n",
            message);
    }

private:
    void live(const Config& config, const ServerOptions& options, std::promise<Server*>& made) {
        std::optional<Server> server;
        try {
            server.emplace(config, options, clock_, log_);
        } catch (...) {
            made.set_exception(std::current_exception());
            return;
        }
        made.set_value(&*server);
        server->run();
        callsLeft_ = server->callsLeft();
        stopReturned_.get_future().wait(); // run() can end while stop() still wakes the loop
    }

    const SystemClock clock_;
    PipePair pipe_;
    Log log_{pipe_.writeEnd(), LogLevel::info};
    Server* server_ = nullptr;
    std::string said_;
    std::uint16_t port_ = 0;
    std::atomic<bool> callsLeft_{false};
    std::promise<void> stopReturned_;
    std::thread thread_;
};

} // namespace gatehouse::test
