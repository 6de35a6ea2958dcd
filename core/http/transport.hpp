// Transport: bytes to and from one peer, plain or over TLS, never waiting. The one place that turns the exceptions of
// Poco's sockets and the error codes of OpenSSL into values.
//
// Threads: one (the loop's).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace Poco::Net {
class StreamSocket;
class Context;
} // namespace Poco::Net

namespace gatehouse::http {

struct IoResult {
    enum class State {
        done,   // `bytes` were moved
        again,  // nothing now; readiness will tell
        closed, // the peer has ended or broken the connection
    };
    State state = State::again;
    std::size_t bytes = 0;
    bool drained = false; // after a read: nothing more to read for now
};

class Transport {
public:
    virtual ~Transport() = default; // closes the socket
    virtual IoResult read(char* into, std::size_t size) = 0;
    virtual IoResult write(std::string_view bytes) = 0;
    // True once bytes of a request can flow: at once for plain, after the handshake for TLS.
    virtual bool established() const = 0;
    virtual bool secure() const = 0;
    virtual void finishWriting() = 0; // tells the peer that nothing more comes
    virtual int descriptor() const = 0;
    // Bytes written that the peer's system has not taken yet; 0 where that is not known.
    virtual std::size_t untaken() const { return 0; }
};

std::unique_ptr<Transport> plainTransport(const Poco::Net::StreamSocket& socket);
std::unique_ptr<Transport> tlsTransport(const Poco::Net::StreamSocket& socket, const Poco::Net::Context& context);

} // namespace gatehouse::http
