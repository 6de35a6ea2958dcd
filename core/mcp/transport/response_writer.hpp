// ResponseWriter: the way back to the client of one request. First any number of messages, where it takes them; then
// exactly one answer, or an end without one.
//
// Threads: one (the loop's). After the client has gone every method does nothing.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "auth/challenge.hpp"
#include "http/exchange.hpp"

namespace gatehouse::mcp {

class ResponseWriter {
public:
    virtual ~ResponseWriter() = default;
    // True when notifications and server requests may come before the answer.
    virtual bool acceptsMessages() const = 0;
    // One JSON-RPC message before the answer; dropped when the client takes none.
    virtual void message(std::string_view json) = 0;
    // The JSON-RPC answer. Where the status has been sent already, `httpStatus` and `headers` are left out.
    virtual void answer(int httpStatus, std::string_view json, std::string_view headers) = 0;
    // No answer: it is not wanted any more (null), or the token that asked has ended.
    virtual void end(const GateRefusal* why) = 0;
    // Called once when the client goes before the answer, where nothing else waits for the answer.
    virtual void whenGone(std::function<void()> gone) = 0;
    // The client may be let go until it asks for the rest.
    virtual void release(std::chrono::milliseconds /*retry*/) {}
    // The answer takes a while: lets the client know how to come back for it, where the protocol has a way.
    virtual void announce() {}

    // The same writer for as long as the caller needs it; for methods that answer later than they return.
    virtual std::shared_ptr<ResponseWriter> keep() = 0;
};

// What the client of an HTTP exchange takes.
struct AnswerKind {
    bool asStream = false;  // event streams only
    bool mayStream = false; // both: messages before the answer turn it into a stream
    bool canStream() const { return asStream || mayStream; }
};

// One HTTP exchange: a JSON body, or an event stream.
class HttpResponseWriter : public ResponseWriter {
public:
    HttpResponseWriter(http::Exchange& exchange, AnswerKind kind) : exchange_(&exchange), kind_(kind) {}
    HttpResponseWriter(const HttpResponseWriter&) = delete;
    HttpResponseWriter& operator=(const HttpResponseWriter&) = delete;
    ~HttpResponseWriter() override;

    bool acceptsMessages() const override { return kind_.canStream(); }
    void message(std::string_view json) override;
    void answer(int httpStatus, std::string_view json, std::string_view headers) override;
    void end(const GateRefusal* why) override;
    void whenGone(std::function<void()> gone) override;
    std::shared_ptr<ResponseWriter> keep() override; // this one is empty afterwards

protected:
    http::Exchange* exchange_; // null once the peer has gone or the answer is out
    const AnswerKind kind_;

private:
    bool streamOpen_ = false;
    bool watched_ = false; // the exchange knows us
};

void openEventStream(http::Exchange& exchange, std::string_view headers);
// Ends an exchange of which `open` tells whether its stream has begun.
void endExchange(http::Exchange& exchange, bool open, const GateRefusal* why);

} // namespace gatehouse::mcp
