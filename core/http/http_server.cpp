#include "http/http_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/peer.hpp"
#include "http/tls_context.hpp"

namespace gatehouse::http {

namespace {

constexpr int backlog = 4096;
constexpr int acceptsPerTurn = 64;
constexpr std::size_t reservedDescriptors = 40; // for files, plugins, databases and what else opens any
constexpr std::chrono::milliseconds acceptPause{100};
constexpr std::chrono::milliseconds leastIdle{1000}; // of a connection that is closed for a new one

// As many connections as there are descriptors for, less the reserve.
std::size_t connectionLimit(std::size_t wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur == RLIM_INFINITY) return wanted;
    const std::size_t have = limit.rlim_cur > reservedDescriptors ? limit.rlim_cur - reservedDescriptors : 4;
    return std::min(wanted, have);
}

// Closed unless it was given away.
class Descriptor {
public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return descriptor_; }
    void release() { descriptor_ = -1; }

private:
    int descriptor_;
};

std::string addressText(const sockaddr_storage& from) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto* address = from.ss_family == AF_INET
                              ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(from).sin_addr)
                              : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(from).sin6_addr);
    return ::inet_ntop(from.ss_family, address, text.data(), text.size()) ? text.data() : "unknown";
}

} // namespace

class HttpServer::Listener final : public Pollable {
public:
    Listener(HttpServer& server, const std::string& address, TlsContext tls)
        : server_(server), tls_(std::move(tls)), pause_(server.loop_) {
        try {
            socket_.bind(Poco::Net::SocketAddress(address), true, false);
            socket_.listen(backlog);
            socket_.setBlocking(false);
        } catch (const Poco::Exception& fault) {
            const std::string why =
                fault.code() == 0 ? fault.displayText() : std::generic_category().message(fault.code());
            throw ListenError("cannot listen on " + address + ": " + why, fault.code() == EADDRINUSE);
        }
    }
    ~Listener() override { pauseAccepting(); }

    std::uint16_t port() const { return socket_.address().port(); }
    void serve(Router routes) {
        routes_ = std::make_shared<const Router>(std::move(routes));
        resume();
    }
    void onReady(Readiness) override {
        for (int i = 0; i < acceptsPerTurn; ++i)
            if (!acceptOne()) return;
    }

    void resume() {
        if (watched_ || server_.draining_ || !routes_) return;
        server_.loop_.watch(socket_.impl()->sockfd(), *this, EventLoop::Watch::levelRead);
        watched_ = true;
    }
    void pauseAccepting() {
        if (!watched_) return;
        server_.loop_.forget(socket_.impl()->sockfd());
        watched_ = false;
    }

private:
    // Connections wait in the listen queue meanwhile; until one closes, or for a while when descriptors are short.
    void holdOn() {
        pauseAccepting();
        pause_.set(server_.loop_.now() + acceptPause, [this] { resume(); });
    }
    // The system's own call: it makes the socket non-blocking at once, and what fails after it loses no descriptor.
    bool acceptOne() {
        if (server_.full() && !server_.makeRoom()) return holdOn(), false;
        sockaddr_storage from{};
        socklen_t size = sizeof(from);
        Descriptor accepted(::accept4(socket_.impl()->sockfd(), reinterpret_cast<sockaddr*>(&from), &size,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (accepted.get() < 0) {
            if (errno == EMFILE || errno == ENFILE) holdOn();
            return errno == EINTR || errno == ECONNABORTED;
        }
        const int yes = 1;
        ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        adopt(accepted, addressText(from));
        return true;
    }
    void adopt(Descriptor& accepted, const std::string& host) {
        const std::string peer = canonicalAddress(host).value_or(host);
        if (tls_.get() && !server_.hasRoomForHandshake(peer)) return; // closed as it goes out of scope
        const Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(accepted.get()));
        accepted.release();
        auto transport = tls_.get() ? tlsTransport(socket, *tls_.get()) : plainTransport(socket);
        server_.adopt(std::make_shared<Connection>(server_, routes_, std::move(transport), peer));
    }

    HttpServer& server_;
    std::shared_ptr<const Router> routes_; // null before serve()
    TlsContext tls_;
    Poco::Net::ServerSocket socket_;
    Alarm pause_;
    bool watched_ = false;
};

HttpServer::HttpServer(EventLoop& loop, const Limits& limits, Telemetry& telemetry, Log& log)
    : loop_(loop), limits_(limits), telemetry_(telemetry), log_(log),
      maxConnections_(connectionLimit(limits.connections)), bodies_("bodies", limits.bodies, telemetry),
      outputs_("outputs", limits.outputs, telemetry), drainAlarm_(loop) {}

HttpServer::~HttpServer() {
    draining_ = true;
    listeners_.clear();
    auto connections = connections_;
    for (auto& [raw, connection] : connections) connection->close();
}

HttpServer::Bound HttpServer::bind(const std::string& address, const TlsOptions* tls) {
    auto context = tls ? TlsContext(*tls) : TlsContext();
    listeners_.push_back(std::make_unique<Listener>(*this, address, std::move(context)));
    return {listeners_.size() - 1, listeners_.back()->port()};
}

void HttpServer::serve(const Bound& bound, Router routes) { listeners_.at(bound.listener)->serve(std::move(routes)); }

std::uint16_t HttpServer::listen(const std::string& address, Router routes, const TlsOptions* tls) {
    const Bound bound = bind(address, tls);
    serve(bound, std::move(routes));
    return bound.port;
}

bool HttpServer::full() const { return connections_.size() >= maxConnections_; }

// Closes a connection that waits for its next request: of a sample the one that waits longest. So nobody can shut
// others out with connections that do nothing, and a flood of new ones costs no search through all.
bool HttpServer::makeRoom() {
    constexpr std::size_t sample = 64;
    Connection* longest = nullptr;
    for (std::size_t seen = 0, buckets = connections_.bucket_count(), i = 0; i < buckets && seen < sample; ++i) {
        const std::size_t bucket = nextSample_++ % buckets;
        for (auto at = connections_.begin(bucket); at != connections_.end(bucket); ++at, ++seen)
            if (!longest || at->first->idleSince() < longest->idleSince()) longest = at->first;
    }
    if (!longest || longest->idleSince() > loop_.now() - leastIdle) return false;
    longest->close();
    return true;
}

void HttpServer::adopt(std::shared_ptr<Connection> connection) {
    Connection& fresh = *connection;
    connections_.emplace(&fresh, connection);
    telemetry_.changed(Gauge::connections, +1);
    handshaking_.push_back(&fresh);
    const Connection::CloseIfThrown guard{fresh};
    fresh.open();
}

void HttpServer::closed(Connection& connection) {
    const auto found = connections_.find(&connection);
    if (found == connections_.end()) return;
    connections_.erase(found); // the loop keeps it until the turn is over
    telemetry_.changed(Gauge::connections, -1);
    for (const auto& listener : listeners_) listener->resume();
    if (draining_ && connections_.empty()) finishDraining();
}

void HttpServer::handshakeDone(Connection& connection) {
    const auto found = std::find(handshaking_.rbegin(), handshaking_.rend(), &connection);
    if (found != handshaking_.rend()) handshaking_.erase(std::prev(found.base()));
}

bool HttpServer::hasRoomForHandshake(std::string_view peer) {
    const auto ofPeer = std::count_if(handshaking_.begin(), handshaking_.end(),
                                      [&](const Connection* one) { return one->peer() == peer; });
    const bool peerIsFull = static_cast<std::size_t>(ofPeer) >= limits_.handshakesPerAddress;
    const bool isFull = handshaking_.size() >= limits_.handshakes;
    if (!peerIsFull && !isFull) return true;
    return dropSilent(peer) || (!peerIsFull && dropSilent({}));
}

// Closes the oldest handshake of that address (empty: of any) whose peer has sent nothing; false when there is none.
bool HttpServer::dropSilent(std::string_view peer) {
    const auto silent = std::find_if(handshaking_.begin(), handshaking_.end(), [&](const Connection* one) {
        return !one->hasHeard() && (peer.empty() || one->peer() == peer);
    });
    if (silent == handshaking_.end()) return false;
    (*silent)->close();
    return true;
}

void HttpServer::drain(std::function<void()> done) {
    draining_ = true;
    drained_ = std::move(done);
    listeners_.clear();
    auto connections = connections_;
    for (auto& [raw, connection] : connections) connection->stopServing();
    if (connections_.empty()) return finishDraining();
    drainAlarm_.set(loop_.now() + limits_.drainTime, [this] {
        log_.warning("not every call ended in time: closing the rest");
        auto rest = connections_;
        for (auto& [raw, connection] : rest) connection->close();
    });
}

void HttpServer::finishDraining() {
    if (const auto done = std::exchange(drained_, nullptr)) done();
}

} // namespace gatehouse::http
