#include "mcp/answer.hpp"

#include "mcp/server_info.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::string_view eventStream = "text/event-stream";

// As one event; opens the stream unless it is open.
void sendLast(http::Exchange& exchange, const AnswerForm& form, int status, std::string_view json) {
    if (!form.asStream) return exchange.reply({status, "application/json", json, form.headers, false});
    if (status != 200) return exchange.reply({status, "application/json", json, form.headers, false});
    openEventStream(exchange, form.headers);
    std::string event;
    appendEvent(event, json);
    exchange.send(event);
    exchange.finish();
}

} // namespace

void openEventStream(http::Exchange& exchange, std::string_view headers) {
    std::string all = "Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n";
    all += headers;
    exchange.startStream(eventStream, all);
}

std::string modernResult(std::string_view resultJson, bool hasMeta, bool hasResultType) {
    std::string out = "{";
    out.reserve(resultJson.size() + 160);
    if (!hasResultType) out += R"("resultType":"complete",)";
    if (!hasMeta) out.append(R"("_meta":{"io.modelcontextprotocol/serverInfo":)").append(serverInfoJson()).append("},");
    const std::size_t first = resultJson.find('{') + 1;
    const bool isEmpty = resultJson.find_first_not_of(" \t\r\n", first) == resultJson.rfind('}');
    if (isEmpty && out.size() > 1) out.pop_back(); // the comma
    return out.append(resultJson.substr(first));
}

void sendResult(http::Exchange& exchange, const AnswerForm& form, std::string_view resultJson) {
    std::string body;
    body.reserve(resultJson.size() + form.idText.size() + 64);
    appendResult(body, form.idText, resultJson);
    sendLast(exchange, form, 200, body);
}

void sendError(http::Exchange& exchange, const AnswerForm& form, const RpcError& error) {
    std::string body;
    appendError(body, form.idText, error);
    sendLast(exchange, form, error.httpStatus, body);
}

void sendNotification(http::Exchange& exchange, AnswerForm& form, bool& streamOpen, std::string_view json) {
    if (!form.asStream && !form.mayStream) return;
    if (!streamOpen) openEventStream(exchange, form.headers);
    streamOpen = form.asStream = true;
    std::string event;
    appendEvent(event, json);
    exchange.send(event);
}

} // namespace gatehouse::mcp
