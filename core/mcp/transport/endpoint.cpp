#include "mcp/transport/endpoint.hpp"

#include <gatehouse/json_text.hpp>

#include "mcp/message/era.hpp"
#include "mcp/transport/accept.hpp"
#include "mcp/transport/batch_carrier.hpp"
#include "mcp/transport/refusal_body.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::string_view json = "application/json";
constexpr std::string_view sessionHeader = "Mcp-Session-Id";
constexpr const char* initializePath = "/mcp/initialize";

} // namespace

struct Endpoint::Visit {
    RequestContext request; // as long as this is
    Taken taken;
    std::uint64_t generation = 0; // the gate's, read before admission

    AnswerKind kind() const { return {!taken.json, taken.stream}; }
    static RequestPtr requestOf(const std::shared_ptr<Visit>& visit) { return {visit, &visit->request}; }
    static Incoming incoming(const std::shared_ptr<Visit>& visit, http::Exchange& exchange) {
        return {.request = requestOf(visit), .head = &exchange.head(), .exchange = &exchange, .kind = visit->kind()};
    }
};

Endpoint::Endpoint(Protocol& protocol, Gate& gate, const Clock& clock, EndpointOptions options)
    : protocol_(protocol), gate_(gate), clock_(clock), options_(std::move(options)),
      oldTransport_(protocol, options_.pathPrefix) {}

Endpoint::~Endpoint() = default;

std::vector<std::string> Endpoint::paths() {
    return {"/mcp", "/mcp/", "/mcp/v1", initializePath, SseTransport::nestedStreamPath, SseTransport::messagePath};
}

// --- the head

http::HeadAnswer Endpoint::onHead(http::Exchange& exchange) {
    auto visit = std::make_shared<Visit>();
    visit->request.began = clock_.steady();
    visit->request.peer = http::clientAddress(exchange.head(), exchange.peer(), options_.trustedProxies);
    exchange.attachment = visit;
    if (!passesGuard(exchange)) return http::HeadAnswer::refused;
    if (!options_.cors.isPreflight(exchange.head())) return admit(exchange);
    exchange.reply({204, "", "", options_.cors.preflightLines(exchange.head()), false});
    return http::HeadAnswer::refused;
}

bool Endpoint::passesGuard(http::Exchange& exchange) {
    const std::string why = options_.guard.refusal(exchange.head());
    if (!why.empty()) refuse(exchange, 403, why, "host");
    return why.empty();
}

// A proxy may take the prefix of the public URL away, or not.
std::string_view Endpoint::ownPath(const http::RequestHead& head) const {
    const std::string_view prefix = options_.pathPrefix, path = head.path;
    const bool has = !prefix.empty() && path.substr(0, prefix.size()) == prefix && path.substr(prefix.size(), 1) == "/";
    return has ? path.substr(prefix.size()) : path;
}

Place Endpoint::placeOf(const http::RequestHead& head) const {
    const std::string_view path = ownPath(head);
    if (path == initializePath || path == SseTransport::messagePath) return Place::posts;
    const bool old = path == SseTransport::streamPath || path == SseTransport::nestedStreamPath;
    return old ? Place::oldStreams : Place::main;
}

// False after a refusal.
bool Endpoint::hasForm(http::Exchange& exchange) {
    const http::RequestHead& head = exchange.head();
    const Taken taken = static_cast<Visit*>(exchange.attachment.get())->taken = takenBy(head);
    const auto fault = formFault(head, placeOf(head), taken);
    if (fault) refuse(exchange, fault->status, fault->why, fault->reason, fault->headers);
    return !fault;
}

http::HeadAnswer Endpoint::admit(http::Exchange& exchange) {
    const http::RequestHead& head = exchange.head();
    auto& visit = *static_cast<Visit*>(exchange.attachment.get());
    const GateRequest request{head.fields, head.query, head.method, visit.request.peer, {}};
    visit.generation = gate_.authenticator().generation();
    Admission admission = gate_.admit(request);
    if (auto* pending = std::get_if<PendingAdmission>(&admission)) {
        admitLater(exchange, std::move(*pending));
        return http::HeadAnswer::wait;
    }
    return answered(exchange, std::get<GateAnswer>(std::move(admission)));
}

http::HeadAnswer Endpoint::answered(http::Exchange& exchange, GateAnswer answer) {
    if (const auto* refusal = std::get_if<GateRefusal>(&answer)) return refuse(exchange, *refusal);
    return letIn(exchange, std::get<Admitted>(std::move(answer)));
}

void Endpoint::admitLater(http::Exchange& exchange, PendingAdmission pending) {
    struct Kept { // what the request's views point into, also after the peer has gone
        std::shared_ptr<const http::Ticket> ticket;
        std::shared_ptr<void> visit;
    };
    const auto ticket = exchange.ticket();
    const auto kept = std::make_shared<const Kept>(Kept{ticket, exchange.attachment});
    gate_.admitLater(std::move(pending), kept, [this, ticket](GateAnswer answer) {
        ticket->run([this, answer = std::move(answer)](http::Exchange& waiting) {
            if (answered(waiting, answer) == http::HeadAnswer::go) waiting.proceed();
        });
    });
}

http::HeadAnswer Endpoint::letIn(http::Exchange& exchange, Admitted admitted) {
    auto& visit = *static_cast<Visit*>(exchange.attachment.get());
    visit.request.token = std::move(admitted.token);
    visit.request.grants = std::move(admitted.grants);
    visit.request.caller = std::move(admitted.caller);
    exchange.chargeTo(visit.request.caller->identity.isolationKey);
    return hasForm(exchange) ? http::HeadAnswer::go : http::HeadAnswer::refused;
}

http::HeadAnswer Endpoint::refuse(http::Exchange& exchange, int status, std::string_view text, std::string_view reason,
                                  std::string_view headers) {
    report(exchange, {Outcome::rejected, reason, status, std::string(text)});
    exchange.reply({status, json, refusalBody(status, text), headers, false});
    return http::HeadAnswer::refused;
}

http::HeadAnswer Endpoint::refuse(http::Exchange& exchange, const GateRefusal& refusal) {
    if (refusal.caller) static_cast<Visit*>(exchange.attachment.get())->request.caller = refusal.caller;
    report(exchange, {refusal.outcome, refusal.reason, refusal.status, refusal.detail});
    exchange.reply({refusal.status, json, mcp::refusalBody(refusal), refusal.headers, false, refusalPhrase(refusal)});
    return http::HeadAnswer::refused;
}

std::string Endpoint::refusalBody(int status, std::string_view why) const { return mcp::refusalBody(status, why); }

// --- the message

void Endpoint::onRequest(http::Exchange& exchange) {
    const auto visit = std::static_pointer_cast<Visit>(exchange.attachment); // outlives the answer
    if (gate_.authenticator().endedSince(visit->generation, *visit->request.caller) && !admitsAgain(exchange, *visit))
        return;
    if (exchange.head().method == "GET") return openStream(exchange, *visit);
    if (exchange.head().method == "DELETE") return deleteSession(exchange, *visit);
    if (takesBatches(exchange, *visit)) return takeBatch(exchange, visit);
    const Incoming incoming = Visit::incoming(visit, exchange);
    HttpCarrier carrier(exchange, visit->kind());
    const auto read = reader_.read(exchange.body());
    if (ownPath(exchange.head()) == SseTransport::messagePath) {
        if (!oldTransport_.take(exchange, incoming, read))
            refuse(exchange, 404, "unknown or ended session", "unknown_session");
        return;
    }
    if (const auto* fault = std::get_if<MessageFault>(&read)) return protocol_.refuse(incoming, carrier, *fault);
    protocol_.take(incoming, carrier, std::get<Message>(read));
}

// The token was revoked or expired while the body was being received. False after a refusal.
bool Endpoint::admitsAgain(http::Exchange& exchange, Visit& visit) {
    const http::RequestHead& head = exchange.head();
    const Admission admission = gate_.admit({head.fields, head.query, head.method, visit.request.peer, {}});
    const auto* answer = std::get_if<GateAnswer>(&admission);
    const auto* admitted = answer ? std::get_if<Admitted>(answer) : nullptr;
    if (admitted) {
        visit.request.caller = admitted->caller;
        visit.request.grants = admitted->grants;
    } else refuse(exchange, answer ? std::get<GateRefusal>(*answer) : gate_.ended());
    return admitted != nullptr;
}

// Arrays of messages belong to 2025-03-26 alone.
bool Endpoint::takesBatches(const http::Exchange& exchange, const Visit& visit) {
    const std::string_view body = withoutMark(exchange.body());
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || body[first] != '[') return false;
    const auto version = exchange.head().find("MCP-Protocol-Version");
    const auto id = exchange.head().find(sessionHeader);
    const Session* session = id ? protocol_.sessions().find(*id, visit.request.caller->identity.isolationKey) : nullptr;
    if (session) return session->version == "2025-03-26";
    return version && *version == "2025-03-26";
}

void Endpoint::takeBatch(http::Exchange& exchange, const std::shared_ptr<Visit>& visit) {
    Incoming incoming = Visit::incoming(visit, exchange);
    incoming.exchange = nullptr; // none of the messages has the exchange for itself
    const auto batch = std::make_shared<Batch>(exchange, visit->kind());
    auto messages = reader_.split(exchange.body());
    if (const auto* fault = std::get_if<MessageFault>(&messages)) {
        HttpCarrier carrier(exchange, visit->kind());
        return protocol_.refuse(incoming, carrier, *fault);
    }
    for (std::string& text : std::get<std::vector<std::string>>(messages)) takeOfBatch(incoming, batch, text);
    batch->complete();
}

void Endpoint::takeOfBatch(const Incoming& incoming, const std::shared_ptr<Batch>& batch, std::string& text) {
    text.append(MessageReader::padding, '\0');
    BatchCarrier carrier(batch);
    const auto read = reader_.read(std::string_view(text).substr(0, text.size() - MessageReader::padding));
    if (const auto* fault = std::get_if<MessageFault>(&read)) return protocol_.refuse(incoming, carrier, *fault);
    const auto& message = std::get<Message>(read);
    if (batch->isFull() && message.kind == Message::Kind::request)
        return protocol_.refuse(incoming, carrier, {code::internalError, Batch::fullText, message.idText});
    protocol_.take(incoming, carrier, message);
}

// --- streams and sessions

void Endpoint::openStream(http::Exchange& exchange, const Visit& visit) {
    const http::RequestHead& head = exchange.head();
    const auto version = head.find("MCP-Protocol-Version");
    if (version && isModernVersion(*version)) {
        refuse(exchange, 405, "this protocol version has no GET stream", "method", "Allow: POST\r\n");
        return;
    }
    if (placeOf(head) == Place::oldStreams) return openOldStream(exchange, visit);
    if (const auto id = head.find(sessionHeader)) return openSessionStream(exchange, visit, *id);
    if (options_.opensOldStreamsEverywhere) return openOldStream(exchange, visit);
    refuse(exchange, 405, "this URL speaks Streamable HTTP: POST", "method", "Allow: POST\r\n");
}

void Endpoint::openOldStream(http::Exchange& exchange, const Visit& visit) {
    if (!hasRoomForStream(exchange, visit)) return;
    if (oldTransport_.open(exchange, gate_.authenticator().live(), visit.request.caller))
        return report(exchange, {Outcome::ok, "stream", 200});
    refuse(exchange, 503, "the server is at its limit of sessions", "sessions", "Retry-After: 10\r\n");
}

void Endpoint::openSessionStream(http::Exchange& exchange, const Visit& visit, std::string_view id) {
    Session* session = protocol_.sessions().find(id, visit.request.caller->identity.isolationKey);
    if (!session) {
        refuse(exchange, 404, "unknown or ended session", "unknown_session");
        return;
    }
    const auto last = exchange.head().find("Last-Event-ID");
    const auto from = last ? EventId::parse(*last) : std::optional(EventId{0, ~std::uint64_t{0}});
    const auto stream = !last || (from && from->stream == 0) ? session->general(protocol_.place())
                        : from                               ? session->stream(from->stream)
                                                             : nullptr;
    if (!stream) {
        refuse(exchange, 400, "Last-Event-ID names no event that is kept", "unknown_event");
        return;
    }
    if (!stream->hasClient() && !hasRoomForStream(exchange, visit)) return;
    report(exchange, {Outcome::ok, "stream", 200});
    stream->attach(exchange, visit.request.caller, from->sequence);
}

// False after a refusal.
bool Endpoint::hasRoomForStream(http::Exchange& exchange, const Visit& visit) {
    if (protocol_.streams().admits(visit.request.caller)) return true;
    refuse(exchange, 429, "this caller is at its limit of event streams", "streams", "Retry-After: 1\r\n");
    return false;
}

void Endpoint::deleteSession(http::Exchange& exchange, const Visit& visit) {
    const auto id = exchange.head().find(sessionHeader);
    if (!id) {
        refuse(exchange, 405, "DELETE ends a session: send Mcp-Session-Id", "method", "Allow: POST, GET\r\n");
        return;
    }
    if (!protocol_.sessions().close(*id, visit.request.caller->identity.isolationKey)) {
        refuse(exchange, 404, "unknown or ended session", "unknown_session");
        return;
    }
    report(exchange, {Outcome::ok, "session_deleted", 204});
    exchange.reply({204, "", "", "", false});
}

// --- what the operator sees

void Endpoint::report(const http::Exchange& exchange, CallEnd end) const {
    const auto visit = std::static_pointer_cast<Visit>(exchange.attachment);
    protocol_.report({.request = Visit::requestOf(visit), .head = &exchange.head()}, nullptr, end);
}

} // namespace gatehouse::mcp
