// HttpServer: listeners, connections and routes on one event loop.
//
// Threads: construct and bind() and serve() before the loop runs; stop() from any thread; the rest on the loop's.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "http/connection.hpp"

namespace gatehouse::http {

struct TlsOptions {
    std::string certificateFile; // PEM; the chain may follow in the same file
    std::string keyFile;         // PEM
    std::string chainFile;       // PEM, optional: further certificates of the chain
};

// An address cannot be listened on: by the state of the machine, not by what the settings say.
class ListenError : public std::runtime_error {
public:
    ListenError(const std::string& words, bool isTaken) : std::runtime_error(words), inUse(isTaken) {}
    const bool inUse; // by another program
};

class HttpServer final : public ConnectionOwner {
public:
    HttpServer(EventLoop& loop, const Limits& limits, Telemetry& telemetry, Log& log);
    ~HttpServer() override;

    // An address that was bound.
    struct Bound {
        std::size_t listener = 0;
        std::uint16_t port = 0;
    };
    // Binds, without taking connections yet: they wait. `address` is host:port; port 0 takes a free one.
    // Throws ListenError, and std::runtime_error for TLS files that cannot be used.
    Bound bind(const std::string& address, const TlsOptions* tls);
    // Takes connections there. Each address has routes of its own.
    void serve(const Bound& bound, Router routes);
    // Both at once; returns the bound port.
    std::uint16_t listen(const std::string& address, Router routes, const TlsOptions* tls);

    // Takes no more connections, lets what is under way finish, then calls `done` on the loop.
    void drain(std::function<void()> done);

    // ConnectionOwner
    EventLoop& loop() override { return loop_; }
    const Limits& limits() const override { return limits_; }
    Budget& bodies() override { return bodies_; }
    Budget& outputs() override { return outputs_; }
    bool draining() const override { return draining_; }
    void handshakeDone(Connection& connection) override;
    void streamsChanged(int by) override { telemetry_.changed(Gauge::eventStreams, by); }
    void closed(Connection& connection) override;

private:
    class Listener;
    friend class Listener;
    void adopt(std::shared_ptr<Connection> connection);
    bool full() const;
    bool makeRoom();
    bool hasRoomForHandshake(std::string_view peer);
    bool dropSilent(std::string_view peer);
    void finishDraining();

    EventLoop& loop_;
    const Limits limits_;
    Telemetry& telemetry_;
    Log& log_;
    std::size_t maxConnections_;
    Budget bodies_, outputs_;              // outlive the connections
    std::vector<Connection*> handshaking_; // the oldest first
    std::size_t nextSample_ = 0;           // where makeRoom() looks next
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
    bool draining_ = false;
    std::function<void()> drained_;
    Alarm drainAlarm_;
};

} // namespace gatehouse::http
