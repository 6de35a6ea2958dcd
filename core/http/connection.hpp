// Connection: one peer, one request at a time, and the Exchange that a handler answers through.
//
//   idle -> head -> deciding -> body -> answering -> idle            an ordinary request
//                   deciding -> draining -> idle                     refused at the head, small body thrown away
//                                           answering -> streaming   an event stream
//   any -> lingering -> closed                                       last answer sent, the rest of the input ignored
//
// Input waits in the socket while a request is being answered, so what the views of the request point to does not
// move. Readiness comes as edges: a connection reads until the socket has nothing more.
//
// Reentrancy: handlers are called from the top of a turn only (readiness, a timer, the end of the turn), never from
// within their own calls of the Exchange; close() and an answer only note what is to be done, and defer it.
//
// Threads: the loop's. Tickets are the way in from others.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include "http/limits.hpp"
#include "http/message_parser.hpp"
#include "http/response_text.hpp"
#include "http/router.hpp"
#include "http/transport.hpp"
#include "loop/event_loop.hpp"

namespace gatehouse::http {

class Connection;

// What a connection needs of the server it belongs to. Outlives every connection.
class ConnectionOwner {
public:
    virtual ~ConnectionOwner() = default;
    virtual EventLoop& loop() = 0;
    virtual const Limits& limits() const = 0;
    virtual Budget& bodies() = 0;      // bytes of request bodies
    virtual Budget& outputs() = 0;     // bytes of answers that wait for their reader
    virtual bool draining() const = 0; // the server is stopping: close after the answer
    virtual void handshakeDone(Connection& connection) = 0;
    virtual void streamsChanged(int by) = 0;
    virtual void closed(Connection& connection) = 0;
};

class Connection final : public Exchange,
                         public Pollable,
                         public TimerEntry,
                         public std::enable_shared_from_this<Connection> {
public:
    // Paths that are not in `routes` are 404.
    Connection(ConnectionOwner& owner, std::shared_ptr<const Router> routes, std::unique_ptr<Transport> transport,
               std::string peer);
    ~Connection() override;

    void open();        // watches the socket; throws when it cannot
    void stopServing(); // the server drains: closes at once when idle, else after the answer
    void close();
    bool hasHeard() const { return hasHeard_; } // the peer has sent something
    // Since when it has waited for the first byte of a request; the end of time while it does not.
    SteadyTime idleSince() const { return phase_ == Phase::idle && in_.empty() ? idleSince_ : SteadyTime::max(); }

    // Exchange
    const RequestHead& head() const override { return head_; }
    std::string_view body() const override { return body_; }
    std::string_view peer() const override { return peer_; }
    bool secure() const override { return transport_ && transport_->secure(); }
    void reply(const Reply& reply) override;
    void startStream(std::string_view contentType, std::string_view headers) override;
    void send(std::string_view piece) override;
    void finish() override;
    void abort() override { close(); }
    void chargeTo(const std::string& identity) override { chargedTo_ = identity; }
    void limitBody(std::size_t bytes) override { bodyLimit_ = bytes; }
    void proceed() override;
    std::shared_ptr<const Ticket> ticket() override;
    void whenGone(std::function<void()> gone) override;

    void onReady(Readiness readiness) override;
    void onDeferred() override;       // goes on after an answer, or tells the handler that the peer has gone
    void onFault() noexcept override; // what failed half-way cannot be answered: closed
    void onTimer(SteadyTime now) override;

    // Closes the connection when the work around it ends by an exception, which goes on to the loop's wall.
    struct CloseIfThrown {
        Connection& connection;
        int before = std::uncaught_exceptions();
        ~CloseIfThrown() {
            if (std::uncaught_exceptions() > before) connection.onFault();
        }
    };

private:
    friend class ConnectionTicket;
    enum class Phase { idle, head, deciding, body, answering, streaming, draining, lingering, closed };

    // reading (connection.cpp)
    void pump();
    bool step();
    bool receive();
    void skipEmptyLines();
    bool receiveHead();
    void beginRequest(std::size_t headEnd);
    void beginBody();
    bool receiveBody();
    bool receiveLengthBody();
    bool receiveChunkedBody();
    void bodyComplete();
    bool chargeBody(std::size_t bytes);
    void dropBody();
    bool discard();
    void endRequest();
    std::size_t unreadBody() const;
    void refuse(const Refusal& refusal);
    std::string refusalBody(int status, std::string_view why) const;
    std::string_view refusalType() const;
    void compactInput();
    void peerHasGone();
    void notifyGone();
    void forgetRequest();

    // writing (connection_answer.cpp)
    AnswerFrame frame() const;
    void answered();
    bool chargeOutput(std::size_t more);
    void compactOutput();
    void awaitReader();
    bool readerIsStuck();
    void flush();
    void afterFlush();
    void linger();
    std::size_t pendingOutput() const { return out_.size() - outAt_; }
    void setDeadline(Milliseconds fromNow);
    void noDeadline();
    void schedule();
    void expire();

    ConnectionOwner& owner_;
    EventLoop& loop_;
    const std::shared_ptr<const Router> routes_;
    std::unique_ptr<Transport> transport_;
    const std::string peer_;

    Phase phase_ = Phase::idle;
    std::string in_;          // input from at_ on is not consumed yet
    std::size_t at_ = 0;      // where the current request begins
    std::size_t scanned_ = 0; // bytes from at_ that were judged as part of a head
    std::size_t headSize_ = 0;
    std::string chargedTo_; // the identity that the shares are counted for
    Budget::Share bodyShare_, outputShare_;
    std::size_t discardLeft_ = 0;
    std::size_t bodyLimit_ = 0; // of this request
    RequestHead head_;
    std::string_view body_;
    std::string decoded_; // of a chunked body
    std::unique_ptr<ChunkedBody> chunks_;
    Handler* handler_ = nullptr; // of the request that is read or answered; null: none yet
    std::string commonHeaders_;  // of its answers

    std::string out_;
    std::size_t outAt_ = 0;
    SteadyTime idleSince_{};
    SteadyTime deadline_ = SteadyTime::max();      // of the phase
    SteadyTime writeDeadline_ = SteadyTime::max(); // of unsent output
    std::size_t untaken_ = 0;                      // of what was sent, when that deadline was set

    std::uint64_t serial_ = 0; // of the exchange; a ticket of an older one does nothing
    std::function<void()> whenGone_;
    bool readable_ = false;
    bool pumping_ = false; // or failed while it was
    bool answered_ = false;
    bool chunkedStream_ = false;
    bool closeAfter_ = false; // after the current answer
    bool peerDone_ = false;   // the peer sends nothing more
    bool handshakeReported_ = false;
    bool hasHeard_ = false;
};

} // namespace gatehouse::http
