// Exchange: one request and its answer, as a handler sees it. Lives on the loop's thread; a Ticket reaches it from
// any other.
//
// No call of an Exchange calls back: whatever it leads to (the next request, the peer's end) reaches the handler later
// in the same turn of the loop. So a handler may keep its own state half changed while it answers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/head.hpp"

namespace gatehouse::http {

class Exchange;

// A way back to an exchange from another thread. While it lives and the request is not answered, the views of a request
// whose body has not been read stay valid, also when the peer has gone; the attachment does not. Copyable; any thread.
class Ticket {
public:
    virtual ~Ticket() = default;
    // Runs `work` on the loop; not at all when the exchange is over or the peer has gone.
    virtual void run(std::function<void(Exchange&)> work) const = 0;
};

// A whole answer. Views live for the call of reply().
struct Reply {
    int status = 200;
    std::string_view contentType; // empty: no body, no Content-Type
    std::string_view body;
    std::string_view headers;     // further lines, each ended by CR LF
    bool close = false;           // end the connection after it
    std::string_view phrase = {}; // of the status line, printable ASCII; empty: the usual one of the status
};

class Exchange {
public:
    virtual ~Exchange() = default;

    virtual const RequestHead& head() const = 0;
    // Whole, within onRequest and no longer: a call under way holds no memory for it. 64 readable bytes follow it.
    virtual std::string_view body() const = 0;
    virtual std::string_view peer() const = 0; // canonical address without port
    virtual bool secure() const = 0;           // over TLS

    // One of: reply; startStream, send*, finish. Ignored once the request is answered or the peer has gone; a reply()
    // after startStream() closes the connection.
    virtual void reply(const Reply& reply) = 0;
    virtual void startStream(std::string_view contentType, std::string_view headers) = 0;
    virtual void send(std::string_view piece) = 0; // one piece of a stream; past the output limit the peer is dropped
    virtual void finish() = 0;
    virtual void abort() = 0; // closes the connection at once

    // Bytes of this request and of its answer count for that identity from here on; before, for the peer's address.
    virtual void chargeTo(const std::string& /*identity*/) {}
    // In onHead: a body of more bytes than that is 413, also where the server would take it.
    virtual void limitBody(std::size_t /*bytes*/) {}
    // After onHead answered `wait`: take the body; onRequest follows.
    virtual void proceed() = 0;

    virtual std::shared_ptr<const Ticket> ticket() = 0;
    // `gone` is called once, on the loop, when the peer goes before the answer is finished; also when it has gone
    // already. The exchange lives until `gone` has returned, and no longer.
    virtual void whenGone(std::function<void()> gone) = 0;

    std::shared_ptr<void> attachment; // the handler's own; dropped when the exchange is over, after `gone`
};

enum class HeadAnswer {
    go,      // take the body, then call onRequest
    refused, // replied already; the body is thrown away within a bound, or the connection closed
    wait,    // proceed() or reply() comes later
};

// What stands behind a path. Called on the loop's thread only; outlives the server.
class Handler {
public:
    virtual ~Handler() = default;
    // Decides before a byte of the body is taken.
    virtual HeadAnswer onHead(Exchange& exchange) = 0;
    virtual void onRequest(Exchange& exchange) = 0;
    // Requests of a method that its resource has not come to it as well, with head().allow: for a handler that asks who
    // is calling, or answers the preflights of its pages, before it says which methods there are.
    virtual bool acceptsEveryMethod() const { return false; }
    // Lines of every answer to this request, each ended by CR LF: also of those that the server gives in the handler's
    // place. Asked once, before onHead.
    virtual std::string commonHeaders(const RequestHead& /*head*/) const { return {}; }
    // The body of an answer that the server gives in the handler's place (a body too large, too late, malformed; a
    // method that is not there), and its media type.
    virtual std::string refusalBody(int status, std::string_view why) const;
    virtual std::string_view refusalType() const { return "application/json"; }
};

// {"error": WHY}
std::string plainRefusal(std::string_view why);

} // namespace gatehouse::http
