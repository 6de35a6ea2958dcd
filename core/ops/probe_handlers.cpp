#include "ops/probe_handlers.hpp"

namespace gatehouse {

namespace {

constexpr std::size_t readBody = 16 << 10; // a small body is read, since only then its framing is judged

} // namespace

http::HeadAnswer ProbeHandler::onHead(http::Exchange& exchange) {
    const http::RequestHead& head = exchange.head();
    if (const std::string why = guard_ ? guard_->refusal(head) : ""; !why.empty()) {
        exchange.reply({403, "application/json", refusalBody(403, why), "", false});
        return http::HeadAnswer::refused;
    }
    if (head.method == "OPTIONS" && !preflight_.empty()) {
        exchange.reply({204, "", "", preflight_, false});
        return http::HeadAnswer::refused;
    }
    exchange.limitBody(readBody);
    if (head.chunked || head.contentLength <= readBody) return http::HeadAnswer::go;
    onRequest(exchange);
    return http::HeadAnswer::refused;
}

void ProbeHandler::onRequest(http::Exchange& exchange) {
    const ProbeAnswer answer = answer_();
    exchange.reply({answer.status, answer.contentType, answer.body, answer.headers, false});
}

} // namespace gatehouse
