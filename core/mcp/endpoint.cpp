#include "mcp/endpoint.hpp"

#include <gatehouse/json_text.hpp>

#include "mcp/accept.hpp"
#include "mcp/era.hpp"
#include "mcp/lifecycle_methods.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::string_view json = "application/json";
constexpr std::string_view sessionHeader = "Mcp-Session-Id";

} // namespace

struct Endpoint::Visit {
    CallerPtr caller;
    SteadyTime began{};
    std::string peer;
    Taken taken;
};

Endpoint::Endpoint(EndpointOptions options, EndpointPort port, http::HostGuard guard, std::vector<Tool> tools)
    : options_(std::move(options)), port_(port), guard_(std::move(guard)), tools_(std::move(tools)),
      streams_(port.loop), sessions_(options_.sessions, port.clock, port.observer,
                                     [this](const std::string& id) { streams_.endSession(id); }),
      toolMethods_(tools_, {{port.factory, port.observer, port.log, port.loop},
                            port.workers,
                            port.gate.live(),
                            options_.callTime,
                            [this](const RunningCall& call, const CallEnd& end) { reportLater(call, end); }}) {
    addLifecycleMethods(methods_, sessions_);
    toolMethods_.addTo(methods_);
}

Endpoint::~Endpoint() = default;

// --- the head

http::HeadAnswer Endpoint::onHead(http::Exchange& exchange) {
    auto visit = std::make_shared<Visit>();
    visit->began = port_.clock.steady();
    visit->peer = http::clientAddress(exchange.head(), exchange.peer(), options_.trustedProxies);
    exchange.attachment = visit;
    return passesGuards(exchange) ? admit(exchange) : http::HeadAnswer::refused;
}

// Everything that is decided without knowing who calls; false after a refusal.
bool Endpoint::passesGuards(http::Exchange& exchange) {
    const http::RequestHead& head = exchange.head();
    if (const std::string why = guard_.refusal(head); !why.empty()) return refuse(exchange, 403, why, "host"), false;
    const bool post = head.method == "POST";
    const bool known = post || head.method == "GET" || head.method == "DELETE";
    if (head.path == "/mcp/initialize" && !post)
        return refuse(exchange, 405, "use POST", "method", "Allow: POST\r\n"), false;
    if (head.path == "/mcp/sse" && head.method != "GET")
        return refuse(exchange, 405, "use GET", "method", "Allow: GET\r\n"), false;
    if (!known)
        return refuse(exchange, 405, "use POST, GET or DELETE", "method", "Allow: POST, GET, DELETE\r\n"), false;
    if (post && !bringsJson(head))
        return refuse(exchange, 415, "Content-Type must be application/json", "media_type"), false;
    const Taken taken = static_cast<Visit*>(exchange.attachment.get())->taken = takenBy(head);
    if (post && !taken.json && !taken.stream)
        return refuse(exchange, 406, "Accept must allow application/json or text/event-stream", "accept"), false;
    if (head.method == "GET" && !taken.stream)
        return refuse(exchange, 405, "GET opens an event stream: send Accept: text/event-stream", "accept",
                      "Allow: POST, GET, DELETE\r\n"),
               false;
    return true;
}

http::HeadAnswer Endpoint::admit(http::Exchange& exchange) {
    const http::RequestHead& head = exchange.head();
    const auto& visit = *static_cast<Visit*>(exchange.attachment.get());
    const GateRequest request{head.fields, head.query, head.method, visit.peer, {}};
    auto answer = port_.gate.admit(request);
    if (!answer) {
        admitLater(exchange, request);
        return http::HeadAnswer::wait;
    }
    if (const auto* refusal = std::get_if<GateRefusal>(&*answer)) return refuse(exchange, *refusal);
    return letIn(exchange, std::get<CallerPtr>(std::move(*answer)));
}

void Endpoint::admitLater(http::Exchange& exchange, const GateRequest& request) {
    const auto ticket = exchange.ticket();
    port_.gate.admitLater(request, ticket, [this, ticket](GateAnswer answer) {
        ticket->run([this, answer = std::move(answer)](http::Exchange& waiting) {
            if (const auto* refusal = std::get_if<GateRefusal>(&answer)) {
                refuse(waiting, *refusal);
                return;
            }
            letIn(waiting, std::get<CallerPtr>(answer));
            waiting.proceed();
        });
    });
}

http::HeadAnswer Endpoint::letIn(http::Exchange& exchange, CallerPtr caller) {
    static_cast<Visit*>(exchange.attachment.get())->caller = std::move(caller);
    return http::HeadAnswer::go;
}

http::HeadAnswer Endpoint::refuse(http::Exchange& exchange, int status, std::string_view text, std::string_view reason,
                                  std::string_view headers) {
    std::string body = R"({"error":)";
    appendJsonString(body, text);
    body += '}';
    report(*static_cast<Visit*>(exchange.attachment.get()), exchange, nullptr, {"rejected", reason, status});
    exchange.reply({status, json, body, headers, false});
    return http::HeadAnswer::refused;
}

http::HeadAnswer Endpoint::refuse(http::Exchange& exchange, const GateRefusal& refusal) {
    report(*static_cast<Visit*>(exchange.attachment.get()), exchange, nullptr,
           {refusal.outcome, refusal.reason, refusal.status});
    exchange.reply({refusal.status, json, refusal.body, refusal.headers, false});
    return http::HeadAnswer::refused;
}

// --- the message

void Endpoint::onRequest(http::Exchange& exchange) {
    const auto visit = std::static_pointer_cast<Visit>(exchange.attachment);
    if (exchange.head().method == "GET") return openStream(exchange, *visit);
    if (exchange.head().method == "DELETE") return deleteSession(exchange, *visit);
    const auto read = reader_.read(exchange.body());
    if (const auto* fault = std::get_if<MessageFault>(&read)) {
        Message unread;
        unread.idText = fault->idText;
        return fail(exchange, *visit, &unread,
                    {fault->code == code::internalError ? 503 : 400, fault->code, fault->text, ""}, "malformed");
    }
    onMessage(exchange, *visit, std::get<Message>(read));
}

void Endpoint::onMessage(http::Exchange& exchange, const Visit& visit, const Message& message) {
    const http::RequestHead& head = exchange.head();
    const bool modern = speaksModern(message, head);
    if (const auto error = modern ? checkModern(message, head) : checkLegacy(head))
        return fail(exchange, visit, &message, *error, "headers");
    const Session* session = nullptr;
    if (!modern && !findSession(exchange, visit, message, session)) return;
    if (message.kind != Message::Kind::request) return onNotification(exchange, visit, message);
    MethodCall call{
        exchange, message,     visit.caller, {modern, !visit.taken.json, visit.taken.stream, message.idText, ""},
        session,  visit.began, visit.peer};
    dispatch(call);
}

void Endpoint::dispatch(MethodCall& call) {
    const auto visit = std::static_pointer_cast<Visit>(call.exchange.attachment); // outlives the answer
    const MethodTable::Method* method = methods_.find(call.message.method, call.form.modern);
    if (!method) {
        const RpcError unknown{call.form.modern ? 404 : 200, code::methodNotFound,
                               "Method not found: " + call.message.method, ""};
        return fail(call.exchange, *visit, &call.message, unknown, "unknown_method");
    }
    const MethodEnd end = (*method)(call);
    if (!end.outcome.empty()) report(*visit, call.exchange, &call.message, end);
}

// The session that the request names; false after a refusal.
bool Endpoint::findSession(http::Exchange& exchange, const Visit& visit, const Message& message,
                           const Session*& session) {
    const auto id = exchange.head().find(sessionHeader);
    if (!id || message.method == "initialize") return true;
    session = sessions_.find(*id, visit.caller->identity.isolationKey);
    if (session) return true;
    fail(exchange, visit, &message, {404, code::invalidRequest, "Unknown or ended session", ""}, "unknown_session");
    return false;
}

void Endpoint::onNotification(http::Exchange& exchange, const Visit& visit, const Message& message) {
    const auto id = exchange.head().find(sessionHeader);
    if (message.method == "notifications/cancelled" && id) toolMethods_.cancel(std::string(*id), message.requestIdText);
    report(visit, exchange, &message, {"ok", "", 202});
    exchange.reply({202, "", "", "", false});
}

void Endpoint::fail(http::Exchange& exchange, const Visit& visit, const Message* message, const RpcError& error,
                    std::string_view reason) {
    std::string body;
    appendError(body, message ? std::string_view(message->idText) : std::string_view(), error);
    report(visit, exchange, message, {"error", reason, error.httpStatus});
    exchange.reply({error.httpStatus, json, body, "", false});
}

// --- streams and sessions

void Endpoint::openStream(http::Exchange& exchange, const Visit& visit) {
    const auto version = exchange.head().find("MCP-Protocol-Version");
    if (version && isModernVersion(*version)) {
        refuse(exchange, 405, "this protocol version has no GET stream", "method", "Allow: POST\r\n");
        return;
    }
    std::string sessionId;
    if (const auto id = exchange.head().find(sessionHeader)) {
        if (!sessions_.find(*id, visit.caller->identity.isolationKey)) {
            refuse(exchange, 404, "unknown or ended session", "unknown_session");
            return;
        }
        sessionId = *id;
    }
    report(visit, exchange, nullptr, {"ok", "stream", 200});
    streams_.open(exchange, port_.gate.live(), visit.caller, std::move(sessionId));
}

void Endpoint::deleteSession(http::Exchange& exchange, const Visit& visit) {
    const auto id = exchange.head().find(sessionHeader);
    if (!id) {
        refuse(exchange, 405, "DELETE ends a session: send Mcp-Session-Id", "method", "Allow: POST, GET\r\n");
        return;
    }
    if (!sessions_.close(*id, visit.caller->identity.isolationKey)) {
        refuse(exchange, 404, "unknown or ended session", "unknown_session");
        return;
    }
    report(visit, exchange, nullptr, {"ok", "session_deleted", 204});
    exchange.reply({204, "", "", "", false});
}

// --- what the operator sees

void Endpoint::report(const Visit& visit, const http::Exchange& exchange, const Message* message,
                      const MethodEnd& end) const {
    const std::string_view method = message && !message->method.empty() ? message->method : exchange.head().method;
    Decision decision;
    decision.peer = visit.peer;
    if (visit.caller) {
        decision.subject = visit.caller->identity.subject;
        decision.tokenId = visit.caller->identity.tokenId;
    }
    decision.method = method;
    if (message) decision.name = message->name;
    decision.outcome = end.outcome;
    decision.reason = end.reason;
    decision.took = port_.clock.steady() - visit.began;
    decision.httpStatus = end.httpStatus;
    port_.observer.decided(decision);
}

void Endpoint::reportLater(const RunningCall& call, const CallEnd& end) const {
    const CallParts& parts = call.parts();
    Decision decision;
    decision.peer = parts.peer;
    decision.subject = parts.caller->identity.subject;
    decision.tokenId = parts.caller->identity.tokenId;
    decision.method = "tools/call";
    decision.name = parts.tool.name;
    decision.outcome = end.outcome;
    decision.reason = end.reason;
    decision.took = port_.clock.steady() - parts.began;
    decision.httpStatus = end.httpStatus;
    port_.observer.decided(decision);
}

} // namespace gatehouse::mcp
