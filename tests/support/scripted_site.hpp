// A connection on a socket pair, its owner, and a handler that does what the test says.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/silent_telemetry.hpp"
#include "http/connection.hpp"
#include "support/loop_thread.hpp"
#include "support/socket_pair.hpp"

namespace gatehouse::test {

class ScriptedHandler final : public http::Handler {
public:
    http::HeadAnswer onHead(http::Exchange& exchange) override {
        ++heads;
        return head ? head(exchange) : http::HeadAnswer::go;
    }
    void onRequest(http::Exchange& exchange) override {
        ++requests;
        if (request) return request(exchange);
        const std::string body = std::string(exchange.head().method) + " " + std::string(exchange.body());
        exchange.reply({200, "text/plain", body, "", false});
    }
    std::string commonHeaders(const http::RequestHead&) const override { return common; }
    std::string refusalBody(int status, std::string_view why) const override {
        return words.empty() ? Handler::refusalBody(status, why) : words;
    }
    std::string common, words;                             // default: none, the server's
    std::function<http::HeadAnswer(http::Exchange&)> head; // default: go
    std::function<void(http::Exchange&)> request;          // default: answers "METHOD body"
    std::atomic<int> heads{0}, requests{0};
};

class ScriptedOwner final : public http::ConnectionOwner {
public:
    explicit ScriptedOwner(EventLoop& loop) : loop_(loop) {}
    EventLoop& loop() override { return loop_; }
    const http::Limits& limits() const override { return limits_; }
    Budget& bodies() override { return made(bodies_, "bodies", limits_.bodies); }
    Budget& outputs() override { return made(outputs_, "outputs", limits_.outputs); }
    std::size_t bodyBytes() { return bodies().used(); } // on the loop
    bool draining() const override { return isDraining; }
    void handshakeDone(http::Connection&) override { ++handshakes; }
    void streamsChanged(int by) override { streams += by; }
    void closed(http::Connection&) override { ++closedCount; }

    http::Limits limits_;
    bool isDraining = false;
    std::atomic<int> handshakes{0}, streams{0}, closedCount{0};

private:
    Budget& made(std::optional<Budget>& budget, const char* name, const BudgetLimits& limits) {
        if (!budget) budget.emplace(name, limits, telemetry_); // with the limits that the test has set
        return *budget;
    }
    EventLoop& loop_;
    SilentTelemetry telemetry_;
    std::optional<Budget> bodies_, outputs_;
};

// Everything of one conversation. Change limits and scripts before open().
class ScriptedSite {
public:
    ScriptedSite() : owner(thread.loop) {}
    std::size_t bodyBytes() {
        return thread.on([this] { return owner.bodyBytes(); });
    }
    ~ScriptedSite() {
        try {
            thread.on([this] {
                if (connection) connection->close();
            });
        } catch (const std::exception&) { // the test has failed already
        }
        thread.stop();
    }

    using Wrap = std::function<std::unique_ptr<http::Transport>(std::unique_ptr<http::Transport>)>;
    PeerEnd& open(const Wrap& wrap = [](std::unique_ptr<http::Transport> plain) { return plain; }) {
        const auto routes = std::make_shared<const http::Router>(http::Router{{"/", &handler}});
        thread.on([&] {
            connection =
                std::make_shared<http::Connection>(owner, routes, wrap(http::plainTransport(pair.socket)), "192.0.2.1");
            connection->open();
        });
        pair.socket = Poco::Net::StreamSocket(); // the transport alone holds it
        return pair.peer;
    }
    bool isClosed() {
        thread.settle();
        return owner.closedCount == 1;
    }

    LoopThread thread;
    ScriptedOwner owner;
    ScriptedHandler handler;
    SocketPair pair;
    std::shared_ptr<http::Connection> connection;
};

inline std::string bodyOf(const std::string& response) {
    const std::size_t end = response.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : response.substr(end + 4);
}
inline std::string getRequest() { return "GET / HTTP/1.1\r\nHost: a\r\n\r\n"; }
inline std::string postRequest(const std::string& body, const std::string& fields = "") {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

} // namespace gatehouse::test
