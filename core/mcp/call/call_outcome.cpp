#include "mcp/call/call_outcome.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <gatehouse/json_text.hpp>

namespace gatehouse::mcp {

namespace {

constexpr std::array<std::string_view, 8> levels{"debug", "info",     "notice", "warning",
                                                 "error", "critical", "alert",  "emergency"};

void appendNumber(std::string& out, double number) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), std::isfinite(number) ? number : 0.0).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
}

} // namespace

CallOutcome failedCall(std::string_view why, Log& log) {
    log.error("a call failed: " + std::string(why));
    return CallError{code::internalError, "Internal error", ""};
}

CallOutcome exchangeRefused(const ExchangeRefused& refused, Log& log) {
    log.warning("a token was not exchanged: " + refused.detail);
    return CallError{code::exchangeRefused, "No credential for the backend is given to this caller", ""};
}

CallOutcome exchangeUnavailable(const Unavailable& later, Log& log) {
    log.warning("a token cannot be exchanged now: " + later.detail);
    return CallError{code::exchangeUnavailable, "The credential for the backend is temporarily unavailable", ""};
}

RpcError rpcError(const CallError& error, Era era) {
    if (error.code == code::exchangeRefused) return {403, error.code, error.message, error.dataJson};
    if (error.code == code::exchangeUnavailable)
        return {.httpStatus = 503,
                .code = error.code,
                .message = error.message,
                .dataJson = error.dataJson,
                .headers = "Retry-After: 5\r\n"};
    const bool notFound = era == Era::modern && error.code == code::resourceNotFound;
    return {200, notFound ? code::invalidParams : error.code, error.message, error.dataJson};
}

std::string progressNotification(std::string_view token, double progress, std::optional<double> total,
                                 std::string_view message) {
    std::string params = R"({"progressToken":)";
    params.append(token).append(R"(,"progress":)");
    appendNumber(params, progress);
    if (total) {
        params += R"(,"total":)";
        appendNumber(params, *total);
    }
    if (!message.empty()) {
        params += R"(,"message":)";
        appendJsonString(params, message);
    }
    params += '}';
    return notification("notifications/progress", params);
}

std::string messageNotification(MessageLevel level, const Json& data, std::string_view logger) {
    std::string params = R"({"level":")";
    params.append(levels[static_cast<std::size_t>(level)]).append("\"");
    if (!logger.empty()) {
        params += R"(,"logger":)";
        appendJsonString(params, logger);
    }
    params.append(R"(,"data":)").append(data.dump(-1, ' ', false, Json::error_handler_t::replace)).append("}");
    return notification("notifications/message", params);
}

std::optional<MessageLevel> messageLevel(std::string_view word) {
    for (std::size_t i = 0; i < levels.size(); ++i)
        if (levels[i] == word) return static_cast<MessageLevel>(i);
    return std::nullopt;
}

} // namespace gatehouse::mcp
