#include "mcp/transport/response_writer.hpp"

#include <string>
#include <utility>

#include "mcp/message/wire.hpp"
#include "mcp/transport/refusal_body.hpp"

namespace gatehouse::mcp {

void openEventStream(http::Exchange& exchange, std::string_view headers) {
    std::string all = "Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n";
    all += headers;
    exchange.startStream("text/event-stream", all);
}

void endExchange(http::Exchange& exchange, bool open, const GateRefusal* why) {
    if (open) return exchange.finish();
    if (why) return exchange.reply({why->status, "application/json", refusalBody(*why), why->headers, false});
    exchange.reply({202, "", "", "", false});
}

HttpResponseWriter::~HttpResponseWriter() {
    if (watched_ && exchange_) exchange_->whenGone(nullptr);
}

void HttpResponseWriter::message(std::string_view json) {
    if (!exchange_ || !acceptsMessages()) return;
    if (!std::exchange(streamOpen_, true)) openEventStream(*exchange_, "");
    std::string event;
    appendEvent(event, json);
    exchange_->send(event);
}

void HttpResponseWriter::answer(int httpStatus, std::string_view json, std::string_view headers) {
    http::Exchange* exchange = std::exchange(exchange_, nullptr);
    if (!exchange) return;
    exchange->whenGone(nullptr);
    const bool plain = !streamOpen_ && (!kind_.asStream || httpStatus != 200);
    if (plain) return exchange->reply({httpStatus, "application/json", json, headers, false});
    if (!streamOpen_) openEventStream(*exchange, headers);
    std::string event;
    appendEvent(event, json);
    exchange->send(event);
    exchange->finish();
}

void HttpResponseWriter::end(const GateRefusal* why) {
    http::Exchange* exchange = std::exchange(exchange_, nullptr);
    if (!exchange) return;
    exchange->whenGone(nullptr);
    endExchange(*exchange, streamOpen_, why);
}

void HttpResponseWriter::whenGone(std::function<void()> gone) {
    if (!exchange_) return;
    watched_ = true;
    exchange_->whenGone([this, gone = std::move(gone)] {
        http::Exchange* left = std::exchange(exchange_, nullptr);
        if (left) left->abort();
        gone();
    });
}

std::shared_ptr<ResponseWriter> HttpResponseWriter::keep() {
    auto kept = std::make_shared<HttpResponseWriter>(*exchange_, kind_);
    kept->streamOpen_ = streamOpen_;
    exchange_ = nullptr;
    return kept;
}

} // namespace gatehouse::mcp
