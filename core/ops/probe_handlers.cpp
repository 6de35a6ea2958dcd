#include "ops/probe_handlers.hpp"

namespace gatehouse {

http::HeadAnswer ProbeHandler::onHead(http::Exchange& exchange) {
    const std::string_view method = exchange.head().method;
    if (method == "GET" || method == "HEAD") {
        const ProbeAnswer answer = answer_();
        exchange.reply({answer.status, answer.contentType, answer.body, answer.headers, false});
    } else {
        exchange.reply({405, "application/json", R"({"error":"use GET"})", "Allow: GET, HEAD\r\n", false});
    }
    return http::HeadAnswer::refused;
}

} // namespace gatehouse
