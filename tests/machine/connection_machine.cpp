#include "machine/connection_machine.hpp"

#include <stdexcept>

#include "machine/invariant.hpp"
#include "machine/request_script.hpp"
#include "machine/response_reader.hpp"

namespace gatehouse::test {

namespace {

using namespace std::chrono_literals;

int numberIn(std::string_view text, std::string_view name) {
    const std::size_t at = text.find(name);
    return at == std::string_view::npos ? 0 : std::stoi(std::string(text.substr(at + name.size(), 9)));
}

} // namespace

ConnectionMachine::ConnectionMachine()
    : loop_(clock_, {[](std::string_view) {}, {}}),
      routes_(std::make_shared<const http::Router>(http::Router{{"/", this}})) {
    limits_.headBytes = 2048;
    limits_.bodyBytes = 90'000;
    limits_.outputBytes = 8192;
}

ConnectionMachine::~ConnectionMachine() { loop_.finishPosted(); }

std::size_t ConnectionMachine::live(Choices& choices, std::size_t maxSteps) {
    choices_ = &choices;
    wire_ = std::make_shared<ScriptedWire>();
    wire_->byRecords = choices.oneIn(4);
    wire_->handshakeLeft = wire_->byRecords ? static_cast<int>(choices.below(3)) : 0;
    wire_->capacity = choices.oneIn(3) ? choices.below(4000) : std::size_t{1} << 30;
    const std::size_t budget = choices.oneIn(4) ? choices.below(100'000) : 1'000'000;
    const std::size_t output = choices.oneIn(4) ? choices.below(100'000) : 10'000'000;
    bodies_.emplace("bodies", BudgetLimits{budget, budget}, telemetry_);
    outputs_.emplace("outputs", BudgetLimits{output, output}, telemetry_);
    draining_ = peerKnownGone_ = sentJunk_ = false;
    readiness_ = {};
    sent_ = lastMet_ = handshakes_ = closed_ = 0;
    connection_ = std::make_shared<http::Connection>(*this, routes_,
                                                     std::make_unique<ScriptedTransport>(wire_, choices), "192.0.2.1");
    connection_->open();
    std::size_t steps = 0;
    while (steps < maxSteps && !choices.exhausted() && closed_ == 0) {
        ++steps;
        step();
        if (!choices.oneIn(4)) turnLoop();
    }
    endLife();
    return steps;
}

// --- the peer, the clock and the server

void ConnectionMachine::step() {
    switch (choices_->below(16)) {
        case 0:
        case 1:
        case 2:
        case 3: return sendRequest();
        case 4:
        case 5: return flush(std::exchange(unsent_, {}));
        case 6: return sendJunk();
        case 7:
        case 8: return makeRoomForAnswers();
        case 9:
        case 10:
        case 11:
        case 12: return answerLate();
        case 13: return clock_.turn(std::chrono::milliseconds(choices_->below(70'000)));
        case 14:
            if (!choices_->oneIn(3)) return;
            (choices_->oneIn(2) ? wire_->reset : wire_->fin) = true;
            return become({true, wire_->reset, true});
        default:
            if (!choices_->oneIn(12)) return;
            draining_ = true;
            if (choices_->oneIn(8)) return connection_->close();
            return connection_->stopServing();
    }
}

void ConnectionMachine::sendRequest() {
    const RequestText request = requestText(*choices_, ++sent_);
    if (request.hasBody && choices_->oneIn(40)) return sendTooMuch(request.line);
    flush(request.line + request.rest);
}

// A body beyond the limit, that goes on coming.
void ConnectionMachine::sendTooMuch(const std::string& head) {
    flush(head + "Content-Length: 4000000\r\n\r\n");
    wire_->toServer += std::exchange(unsent_, {});
    if (!wire_->fin && !wire_->reset) wire_->junk += choices_->below(4'000'000);
    become({true, false, false});
}

// Sends some of `bytes`; the rest comes in a later step, before anything else.
void ConnectionMachine::flush(std::string bytes) {
    if (!unsent_.empty()) {
        unsent_ += bytes;
        bytes = std::exchange(unsent_, {});
    }
    if (wire_->fin || wire_->reset || bytes.empty()) return;
    const std::size_t now =
        choices_->oneIn(3) ? choices_->below(static_cast<std::uint32_t>(bytes.size())) : bytes.size();
    unsent_ = bytes.substr(now);
    wire_->toServer.append(std::exchange(wire_->junk, 0), 'j').append(bytes, 0, now);
    become({true, false, false});
}

// What no request begins with, or too much of something.
void ConnectionMachine::sendJunk() {
    if (wire_->fin || wire_->reset) return;
    sentJunk_ = true;
    switch (choices_->below(6)) {
        case 0: flush("\x01\r\n\r\n"); return;
        case 1: flush("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')); return;
        case 2: flush("\r\n"); return;
        case 3: flush("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"); return;
        case 4: flush(std::string(choices_->below(200), static_cast<char>(choices_->below(256)))); return;
        default: break;
    }
    wire_->toServer += std::exchange(unsent_, {});
    wire_->junk += choices_->oneIn(4) ? 3'000'000 : choices_->below(100'000);
    become({true, false, false});
}

void ConnectionMachine::makeRoomForAnswers() {
    wire_->capacity = choices_->oneIn(4) ? choices_->below(10'000) : std::size_t{1} << 30;
    become({false, wire_->capacity > 0, false});
}

void ConnectionMachine::become(Readiness more) {
    readiness_.readable |= more.readable;
    readiness_.writable |= more.writable;
    readiness_.hungUp |= more.hungUp;
}

// As the loop does it: readiness first, then the rest of the turn.
void ConnectionMachine::turnLoop() {
    const Readiness readiness = std::exchange(readiness_, {});
    if (closed_ == 0 && (readiness.readable || readiness.writable || readiness.hungUp)) {
        try {
            connection_->onReady(readiness);
        } catch (const std::runtime_error&) { // a handler threw
            connection_->onFault();
        }
        peerKnownGone_ |= readiness.hungUp;
    }
    loop_.turn(0ms);
    if (peerKnownGone_) checkLateAskers();
}

// --- the handler

template <class Work>
void ConnectionMachine::calling(const Work& work) {
    calling_ = true;
    work();
    calling_ = false;
}

http::HeadAnswer ConnectionMachine::onHead(http::Exchange& exchange) {
    invariant(!calling_, "onHead is not called from within a call of the exchange");
    const auto request = std::make_shared<Request>(alive_);
    request->method = exchange.head().method;
    request->target = exchange.head().target;
    request->number = numberIn(request->target, "number=");
    invariant(request->number > lastMet_ && request->number <= sent_, "requests come in order, none is made up");
    lastMet_ = request->number;
    mark_ = request->target.substr(request->target.size() - 1);
    met_[request->number] = request;
    exchange.attachment = request;
    if (choices_->oneIn(4)) watch(exchange, request);
    switch (choices_->below(12)) {
        case 0:
        case 1:
        case 2:
            request->state = Request::State::waiting;
            late_.push_back({request, exchange.ticket()});
            return http::HeadAnswer::wait;
        case 3:
        case 4: answer(exchange, request); return http::HeadAnswer::refused;
        case 5:
            if (!choices_->oneIn(4)) return http::HeadAnswer::go;
            request->state = Request::State::over;
            calling([&] { exchange.abort(); });
            return http::HeadAnswer::refused;
        case 6:
            if (choices_->oneIn(6)) throw std::runtime_error("on purpose");
            return http::HeadAnswer::go;
        default: return http::HeadAnswer::go;
    }
}

void ConnectionMachine::onRequest(http::Exchange& exchange) {
    invariant(!calling_, "onRequest is not called from within a call of the exchange");
    const auto request = std::static_pointer_cast<Request>(exchange.attachment);
    invariant(request && request->state == Request::State::atHead, "onRequest comes once, after onHead");
    request->state = Request::State::withBody;
    request->body = exchange.body();
    const auto size = exchange.head().find("X-Size");
    invariant(size && request->body == smuggled(std::stoul(std::string(*size))), "the body is what was sent");
    checkViews(exchange, *request);
    invariant(exchange.body() == request->body, "the body stays as it is while the handler reads it");
    if (choices_->oneIn(3)) watch(exchange, request);
    switch (choices_->below(10)) {
        case 0:
        case 1:
        case 2: late_.push_back({request, exchange.ticket()}); return;
        case 3:
        case 4: return startStream(exchange, request);
        case 5:
            if (choices_->oneIn(6)) throw std::runtime_error("on purpose");
            return answer(exchange, request);
        case 6:
            if (choices_->oneIn(4)) return; // never
            return answer(exchange, request);
        default: return answer(exchange, request);
    }
}

void ConnectionMachine::answer(http::Exchange& exchange, const RequestPtr& request) {
    constexpr std::array<int, 6> statuses{200, 200, 401, 403, 204, 503};
    constexpr std::array<std::uint32_t, 8> sizes{10, 10, 200, 200, 200, 2'000, 20'000, 300'000};
    const int status = choices_->of(statuses);
    const std::string headers = "X-Number: " + std::to_string(request->number) + "\r\n";
    const std::string body(status == 204 ? 0 : choices_->below(choices_->of(sizes)), 'a');
    const bool close = choices_->oneIn(6);
    request->state = Request::State::over;
    calling([&] { exchange.reply({status, body.empty() ? "" : "text/plain", body, headers, close}); });
    if (choices_->oneIn(8)) calling([&] { exchange.reply({500, "", "", headers, false}); }); // is ignored
}

void ConnectionMachine::startStream(http::Exchange& exchange, const RequestPtr& request) {
    if (request->method == "HEAD") return answer(exchange, request);
    request->state = Request::State::streaming;
    late_.push_back({request, exchange.ticket()});
    calling(
        [&] { exchange.startStream("text/event-stream", "X-Number: " + std::to_string(request->number) + "\r\n"); });
    if (choices_->oneIn(2)) continueStream(exchange, request);
}

void ConnectionMachine::continueStream(http::Exchange& exchange, const RequestPtr& request) {
    for (std::uint32_t i = choices_->below(4); i > 0; --i)
        calling([&] { exchange.send(std::string(choices_->below(6000), 's')); });
    if (!choices_->oneIn(3)) return;
    request->state = Request::State::over;
    calling([&] { exchange.finish(); });
    if (choices_->oneIn(4)) calling([&] { exchange.send("after the end"); }); // is ignored
}

void ConnectionMachine::watch(http::Exchange& exchange, const RequestPtr& request) {
    request->watched = true;
    request->isLate = peerKnownGone_;
    request->gone = false; // whoever asks anew is told anew
    calling([&] {
        exchange.whenGone([this, weak = std::weak_ptr(request), raw = &exchange] {
            const auto told = weak.lock();
            invariant(told != nullptr, "the attachment is kept until the handler knows that the peer has gone");
            invariant(!calling_, "whenGone is not called from within a call of the exchange");
            invariant(!std::exchange(told->gone, true), "a handler is told once that the peer has gone");
            if (choices_->oneIn(2)) calling([&] { raw->abort(); });
            if (choices_->oneIn(4)) calling([&] { raw->reply({200, "", "", "", false}); });
        });
    });
}

// A worker's answer, or the next piece of a stream; at times by one whose request has long been over.
void ConnectionMachine::answerLate() {
    if (late_.empty()) return;
    const std::size_t index = choices_->below(static_cast<std::uint32_t>(late_.size()));
    const Late late = late_[index];
    if (choices_->oneIn(2)) late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(index));
    late.ticket->run([this, request = late.request](http::Exchange& exchange) {
        invariant(!calling_, "a ticket's work is not called from within a call of the exchange");
        invariant(request->state != Request::State::over, "a ticket of an answered request does nothing");
        checkViews(exchange, *request);
        if (choices_->oneIn(16)) throw std::runtime_error("on purpose");
        switch (request->state) {
            case Request::State::waiting:
                if (choices_->oneIn(3)) return answer(exchange, request);
                request->state = Request::State::atHead;
                return calling([&] { exchange.proceed(); });
            case Request::State::atHead: // while its body comes
                if (choices_->oneIn(8)) return answer(exchange, request);
                return;
            case Request::State::withBody:
                return choices_->oneIn(3) ? startStream(exchange, request) : answer(exchange, request);
            case Request::State::streaming: return continueStream(exchange, request);
            case Request::State::over: return;
        }
    });
}

void ConnectionMachine::checkViews(const http::Exchange& exchange, const Request& request) {
    invariant(exchange.head().method == request.method && exchange.head().target == request.target,
              "the head stays as it was until the request is answered");
}

// --- the end

// The peer falls silent or goes, whoever owes an answer gives it, time passes: the connection has to end.
void ConnectionMachine::endLife() {
    if (choices_->oneIn(2)) {
        (choices_->oneIn(2) ? wire_->reset : wire_->fin) = true;
        become({true, wire_->reset, true});
    }
    for (int i = 0; i < 6 && closed_ == 0; ++i) {
        turnLoop();
        for (const auto& [number, request] : met_)
            if (request->state != Request::State::over) connection_->close(); // its handler never answers
        clock_.turn(70s);
    }
    turnLoop();
    checkAnswers();
    late_.clear();
    checkNothingIsLeft();
}

void ConnectionMachine::checkLateAskers() const {
    for (const auto& [number, request] : met_)
        invariant(!request->isLate || request->gone || request->state == Request::State::over,
                  "whoever asks after the peer has gone is told in the same turn");
}

void ConnectionMachine::checkAnswers() {
    const ResponseReader reader([this](const std::string& head, std::string_view rest) {
        const int number = numberIn(head, "X-Number: ");
        return number > 0 ? met_.at(number)->method == "HEAD"
                          : rest.substr(0, 1) != "{"; // the connection's own are JSON
    });
    std::string_view left = wire_->fromServer;
    ReadResponse response;
    int last = 0;
    bool closes = false;
    while (reader.next(left, response)) {
        invariant(!closes, "nothing follows the last answer");
        closes = response.closes;
        const int number = numberIn(response.head, "X-Number: ");
        if (number == 0) {
            invariant(sentJunk_ || response.status != 400, "every request is seen as one");
            continue;
        }
        invariant(number > last && met_.count(number) == 1, "a request is answered once, in order");
        last = number;
    }
}

void ConnectionMachine::checkNothingIsLeft() {
    invariant(closed_ == 1, "every connection ends, once");
    invariant(!wire_->isOpen, "its descriptor is closed");
    invariant(handshakes_ == 1, "its handshake is counted once");
    invariant(streams_ == 0, "no stream is left");
    invariant(bodies_->used() == 0, "its body budget is returned");
    invariant(outputs_->used() == 0, "its output budget is returned");
    for (const auto& [number, request] : met_)
        invariant(!request->watched || request->gone || request->state == Request::State::over ||
                      request->state == Request::State::atHead, // perhaps its body did not come, which was answered
                  "whoever asked is told that the peer has gone");
    met_.clear();
    unsent_.clear();
    invariant(connection_->attachment == nullptr, "the attachment is dropped");
    connection_.reset();
    invariant(alive_ == 0, "no request is kept");
}

} // namespace gatehouse::test
