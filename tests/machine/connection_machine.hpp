// ConnectionMachine: one Connection, driven by random decisions: bytes of every kind in every cut, a peer that stops
// reading, closes or breaks off, deadlines, handlers that answer now, later, never, in pieces or by throwing, a body
// budget that is used up, a server that drains.
//
// Invariants: a handler is never called from within its own call of the exchange; a request is answered at most once,
// in order, and well-formed; where only requests were sent, only requests are seen; what a handler sees of a request is
// what was sent, until it has answered; every connection ends by itself once its handlers have; nothing is kept after
// that.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/silent_telemetry.hpp"
#include "http/connection.hpp"
#include "machine/choices.hpp"
#include "machine/scripted_wire.hpp"
#include "support/turnable_clock.hpp"

namespace gatehouse::test {

class ConnectionMachine final : public http::ConnectionOwner, public http::Handler {
public:
    ConnectionMachine();
    ~ConnectionMachine() override;

    // One connection from its beginning to its end; the number of steps it took.
    std::size_t live(Choices& choices, std::size_t maxSteps);
    // A letter that the latest request brought to its handler.
    std::string_view lastMark() const { return mark_; }

private:
    // A request as its handler knows it, from its head until nobody can speak of it any more.
    struct Request {
        explicit Request(int& countedBy) : alive(countedBy) { ++alive; }
        ~Request() { --alive; }
        Request(const Request&) = delete;
        Request& operator=(const Request&) = delete;

        enum class State { atHead, waiting, withBody, streaming, over };
        int& alive;
        int number = 0;
        State state = State::atHead;
        bool watched = false, gone = false;
        bool isLate = false;        // asked to be told when the peer had gone already
        std::string method, target; // copies of what the head said
        std::string body;
    };
    using RequestPtr = std::shared_ptr<Request>;
    struct Late { // somebody who will answer later
        RequestPtr request;
        std::shared_ptr<const http::Ticket> ticket;
    };

    // what the peer does
    void step();
    void sendRequest();
    void sendTooMuch(const std::string& head);
    void sendJunk();
    void makeRoomForAnswers();
    void turnLoop();
    void become(Readiness more);
    void flush(std::string bytes);

    // what the handler does
    http::HeadAnswer onHead(http::Exchange& exchange) override;
    void onRequest(http::Exchange& exchange) override;
    void answer(http::Exchange& exchange, const RequestPtr& request);
    void startStream(http::Exchange& exchange, const RequestPtr& request);
    void continueStream(http::Exchange& exchange, const RequestPtr& request);
    void watch(http::Exchange& exchange, const RequestPtr& request);
    void answerLate();
    void checkViews(const http::Exchange& exchange, const Request& request);
    template <class Work>
    void calling(const Work& work); // a call of the exchange: no callback may come from within it

    // the end
    void endLife();
    void checkLateAskers() const;
    void checkAnswers();
    void checkNothingIsLeft();

    // ConnectionOwner
    EventLoop& loop() override { return loop_; }
    const http::Limits& limits() const override { return limits_; }
    Budget& bodies() override { return *bodies_; }
    Budget& outputs() override { return *outputs_; }
    bool draining() const override { return draining_; }
    void handshakeDone(http::Connection&) override { ++handshakes_; }
    void streamsChanged(int by) override { streams_ += by; }
    void closed(http::Connection&) override { ++closed_; }

    TurnableClock clock_;
    EventLoop loop_;
    const std::shared_ptr<const http::Router> routes_;
    http::Limits limits_;

    // of one life
    Choices* choices_ = nullptr;
    std::shared_ptr<ScriptedWire> wire_;
    std::shared_ptr<http::Connection> connection_;
    Readiness readiness_;
    std::string unsent_;            // the rest of a request, to come in a later cut
    std::map<int, RequestPtr> met_; // requests that reached the handler, by number
    std::vector<Late> late_;
    std::string mark_;
    int sent_ = 0; // requests; also the number of the latest
    int lastMet_ = 0;
    bool calling_ = false;
    bool peerKnownGone_ = false; // the connection has been told
    bool sentJunk_ = false;
    bool draining_ = false;
    SilentTelemetry telemetry_;
    std::optional<Budget> bodies_, outputs_;
    int handshakes_ = 0, streams_ = 0, closed_ = 0, alive_ = 0;
};

} // namespace gatehouse::test
