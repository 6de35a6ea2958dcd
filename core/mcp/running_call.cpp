#include "mcp/running_call.hpp"

#include <charconv>
#include <cmath>
#include <utility>

#include <gatehouse/json_text.hpp>

#include "auth/challenge.hpp"
#include "mcp/message.hpp"

namespace gatehouse::mcp {

namespace {

CallError internalError() { return {code::internalError, "Internal error", ""}; }

void appendNumber(std::string& out, double number) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), std::isfinite(number) ? number : 0.0).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
}

std::string progressJson(std::string_view token, double progress, std::optional<double> total,
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
    std::string json;
    appendNotification(json, "notifications/progress", params);
    return json;
}

// In an open stream the answer is the stream's last event, whatever its status would be.
void sendIntoStream(http::Exchange& exchange, std::string_view json) {
    std::string event;
    appendEvent(event, json);
    exchange.send(event);
    exchange.finish();
}

void deliverError(http::Exchange& exchange, const AnswerForm& form, bool streamOpen, const RpcError& error) {
    if (!streamOpen) return sendError(exchange, form, error);
    std::string body;
    appendError(body, form.idText, error);
    sendIntoStream(exchange, body);
}

void deliverResult(http::Exchange& exchange, const AnswerForm& form, bool streamOpen, std::string_view result) {
    if (!streamOpen) return sendResult(exchange, form, result);
    std::string body;
    appendResult(body, form.idText, result);
    sendIntoStream(exchange, body);
}

} // namespace

CallOutcome failedCall(std::string_view why, Log& log) {
    log.error("a call failed: " + std::string(why));
    return internalError();
}

CallEnd sendOutcome(http::Exchange& exchange, AnswerForm& form, bool streamOpen, CallOutcome& outcome, Log& log) {
    if (auto* result = std::get_if<ToolResult>(&outcome)) {
        std::string json = std::move(*result).json();
        const ObjectReport report = examineObject(json);
        if (report.isObject) {
            if (form.modern) json = modernResult(json, report.hasMeta, report.hasResultType);
            deliverResult(exchange, form, streamOpen, json);
            return {report.isError ? "tool_error" : "ok", "", 200};
        }
        log.error("a backend's result is no JSON object");
        outcome = internalError();
    }
    const auto& error = std::get<CallError>(outcome);
    deliverError(exchange, form, streamOpen, {200, error.code, error.message, error.dataJson});
    return {"error", error.code == code::internalError ? "internal_error" : "call_error", 200};
}

RunningCall::RunningCall(CallPort port, CallParts parts, std::shared_ptr<const http::Ticket> ticket, Ended ended)
    : port_(port), parts_(std::move(parts)), ticket_(std::move(ticket)), ended_(std::move(ended)),
      deadline_(port.loop) {}

void RunningCall::begin(http::Exchange& exchange, TokenHold hold, SteadyTime deadline) {
    exchange_ = &exchange;
    hold_ = std::move(hold);
    const auto weak = weak_from_this();
    exchange.whenGone([weak] {
        const auto call = weak.lock();
        if (!call) return;
        http::Exchange* gone = std::exchange(call->exchange_, nullptr);
        const bool ends = !call->parts_.survivesDisconnect && call->close({"cancelled", "disconnected", 0});
        if (ends) call->interrupt_.interrupt();
        if (gone) gone->abort();
    });
    deadline_.set(deadline, [weak] {
        if (const auto call = weak.lock())
            call->stop({"timeout", "deadline", 200}, [&](http::Exchange& to) {
                deliverError(to, call->parts_.form, call->streamOpen_,
                             {200, code::internalError, "The call took longer than its deadline and was ended", ""});
            });
    });
}

void RunningCall::work() {
    auto outcome = std::make_shared<CallOutcome>(guardedCall([this] { return callClient(); }, port_.log));
    const auto self = shared_from_this();
    port_.loop.post([self, outcome] { self->finish(self->exchange_, *outcome); });
}

CallOutcome RunningCall::callClient() {
    if (cancelled()) return internalError(); // nobody waits any more: no client is made
    const ClientLease lease(port_.factory, parts_.caller->identity, interrupt_, port_.observer);
    return (*lease).call({"tools/call", parts_.tool.name, parts_.argumentsJson, parts_.metaJson}, *this);
}

void RunningCall::finish(http::Exchange* exchange, CallOutcome& outcome) {
    if (over_) return;
    if (!exchange) {
        close({"ok", "nobody_waits", 0});
        return;
    }
    exchange->whenGone(nullptr);
    over_ = true; // close() reports; the answer must be out before it
    exchange_ = nullptr;
    const CallEnd end = sendOutcome(*exchange, parts_.form, streamOpen_, outcome, port_.log);
    over_ = false;
    close(end);
}

// Ends the call for its caller before its client has returned.
void RunningCall::stop(const CallEnd& end, const std::function<void(http::Exchange&)>& answer) {
    http::Exchange* exchange = std::exchange(exchange_, nullptr);
    if (!close(end)) return;
    interrupt_.interrupt();
    if (!exchange) return;
    exchange->whenGone(nullptr);
    answer(*exchange);
}

bool RunningCall::close(const CallEnd& end) {
    if (std::exchange(over_, true)) return false;
    cancelled_ = true;
    hold_.release();
    deadline_.cancel();
    if (const auto ended = std::exchange(ended_, nullptr)) ended(*this, end);
    return true;
}

void RunningCall::refuseForLoad() {
    stop({"unavailable", "no_worker", 503}, [this](http::Exchange& to) {
        AnswerForm form = parts_.form;
        form.headers += "Retry-After: 1\r\n";
        sendError(to, form, {503, code::internalError, "The server is at its limit of calls", ""});
    });
}

// The specification wants no response to a cancelled request; the HTTP exchange still has to end.
void RunningCall::cancelByClient() {
    stop({"cancelled", "by_client", 202}, [this](http::Exchange& to) {
        if (streamOpen_) to.finish();
        else to.reply({202, "", "", "", false});
    });
}

void RunningCall::endWithToken() {
    stop({"cancelled", "token_ended", 401}, [this](http::Exchange& to) {
        const GateRefusal refusal = challenge::invalidToken("revoked");
        if (streamOpen_) to.finish();
        else to.reply({refusal.status, "application/json", refusal.body, refusal.headers, false});
    });
}

void RunningCall::progress(double progress, std::optional<double> total, std::string_view message) {
    if (parts_.progressTokenText.empty() || cancelled()) return;
    const auto self = shared_from_this();
    port_.loop.post([self, json = progressJson(parts_.progressTokenText, progress, total, message)] {
        if (self->exchange_) sendNotification(*self->exchange_, self->parts_.form, self->streamOpen_, json);
    });
}

} // namespace gatehouse::mcp
