#include "mcp/transport/endpoint.hpp"

#include <gatehouse/json_text.hpp>

#include "base/literal.hpp"
#include "mcp/message/era.hpp"
#include "mcp/transport/accept.hpp"
#include "mcp/transport/batch_writer.hpp"
#include "mcp/transport/refusal_body.hpp"

namespace gatehouse::mcp {

namespace {

constexpr const char* initializePath = "/mcp/initialize";

} // namespace

struct Endpoint::State : RequestState {
    Accepts taken;
    std::optional<LimitAnswer> room; // for its call, in the limits of its token

    AnswerKind kind() const { return {!taken.json, taken.stream}; }
    const CallerPtr& caller() const { return context.caller; }
    static State& in(const http::Exchange& exchange) { return static_cast<State&>(stateIn(exchange)); }
    static Incoming incoming(State& state, http::Exchange& exchange) {
        return {.request = contextOf(stateOf(exchange)),
                .head = &exchange.head(),
                .exchange = &exchange,
                .kind = state.kind(),
                .room = &state.room};
    }
};

Endpoint::Endpoint(Protocol& protocol, Gate& gate, const Clock& clock, EndpointOptions options)
    : GatedHandler(gate, clock, options.gated), protocol_(protocol), options_(std::move(options)),
      oldTransport_(protocol, options_.pathPrefix) {}

Endpoint::~Endpoint() = default;

std::vector<std::string> Endpoint::paths() {
    return {"/mcp", "/mcp/v1", initializePath, SseTransport::nestedStreamPath, SseTransport::messagePath};
}

// --- the head

std::shared_ptr<RequestState> Endpoint::newState() const { return std::make_shared<State>(); }

// A proxy may take the prefix of the public URL away, or not.
std::string_view Endpoint::ownPath(const http::RequestHead& head) const {
    std::string_view prefix = options_.pathPrefix, path = head.path;
    if (path.size() > 1 && path.back() == '/') path.remove_suffix(1); // the same resource, as for the router
    const bool has = !prefix.empty() && path.substr(0, prefix.size()) == prefix && path.substr(prefix.size(), 1) == "/";
    return has ? path.substr(prefix.size()) : path;
}

EndpointKind Endpoint::kindOf(const http::RequestHead& head) const {
    const std::string_view path = ownPath(head);
    if (path == initializePath || path == SseTransport::messagePath) return EndpointKind::posts;
    const bool old = path == SseTransport::streamPath || path == SseTransport::nestedStreamPath;
    return old ? EndpointKind::oldStreams : EndpointKind::main;
}

bool Endpoint::acceptsHead(http::Exchange& exchange) {
    const http::RequestHead& head = exchange.head();
    const Accepts taken = State::in(exchange).taken = acceptsOf(head);
    const auto fault = formFault(head, kindOf(head), taken);
    if (fault) refuse(exchange, fault->status, fault->why, fault->reason, fault->headers);
    return !fault;
}

// A message takes its room before its body comes: asking for more may take a moment.
http::HeadAnswer Endpoint::prepare(http::Exchange& exchange) {
    State& state = State::in(exchange);
    CallLimits* const limits = protocol_.limits();
    const TokenRulesPtr& rules = state.caller()->rules;
    if (!limits || !rules || !rules->isLimited() || !is(exchange.head().method, "POST")) return http::HeadAnswer::go;
    state.room = limits->take(*rules);
    if (state.room) return http::HeadAnswer::go;
    limits->takeLater(rules, [ticket = exchange.ticket()](LimitAnswer answer) {
        const auto room = std::make_shared<LimitAnswer>(std::move(answer));
        ticket->run([room](http::Exchange& waiting) {
            State::in(waiting).room = std::move(*room);
            waiting.proceed();
        });
    });
    return http::HeadAnswer::wait;
}

std::string Endpoint::gateRefusalBody(const GateRefusal& refusal) const { return mcp::refusalBody(refusal); }

std::string Endpoint::gateRefusalPhrase(const GateRefusal& refusal) const { return refusalPhrase(refusal); }

std::string Endpoint::refusalBody(int status, std::string_view why) const { return mcp::refusalBody(status, why); }

// --- the message

void Endpoint::handle(http::Exchange& exchange) {
    State& state = State::in(exchange); // onRequest keeps it
    answer(exchange, state);
    state.room.reset(); // what was no call gives it back
}

void Endpoint::answer(http::Exchange& exchange, State& state) {
    if (exchange.head().method == "GET") return openStream(exchange, state);
    if (exchange.head().method == "DELETE") return deleteSession(exchange, state);
    if (supportsBatches(exchange, state)) return handleBatch(exchange, state);
    const Incoming incoming = State::incoming(state, exchange);
    HttpResponseWriter writer(exchange, state.kind());
    const auto read = reader_.read(exchange.body());
    if (ownPath(exchange.head()) == SseTransport::messagePath) {
        if (!oldTransport_.dispatch(exchange, incoming, read))
            refuse(exchange, 404, "unknown or ended session", "unknown_session");
        return;
    }
    if (const auto* fault = std::get_if<MessageFault>(&read)) return protocol_.refuse(incoming, writer, *fault);
    protocol_.handle(incoming, writer, std::get<Message>(read));
}

// Arrays of messages belong to 2025-03-26 alone.
bool Endpoint::supportsBatches(const http::Exchange& exchange, const State& state) {
    const std::string_view body = withoutMark(exchange.body());
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || body[first] != '[') return false;
    const auto version = exchange.head().find(http::HeaderName::mcpProtocolVersion);
    const auto id = exchange.head().find(http::HeaderName::mcpSessionId);
    const Session* session = id ? protocol_.sessions().find(*id, state.caller()->identity.isolationKey) : nullptr;
    if (session) return session->version == "2025-03-26";
    return version && *version == "2025-03-26";
}

void Endpoint::handleBatch(http::Exchange& exchange, State& state) {
    Incoming incoming = State::incoming(state, exchange);
    incoming.exchange = nullptr; // none of the messages has the exchange for itself
    const auto batch = std::make_shared<Batch>(exchange, state.kind());
    auto messages = reader_.split(exchange.body());
    if (const auto* fault = std::get_if<MessageFault>(&messages)) {
        HttpResponseWriter writer(exchange, state.kind());
        return protocol_.refuse(incoming, writer, *fault);
    }
    for (std::string& text : std::get<std::vector<std::string>>(messages)) handleBatchItem(incoming, batch, text);
    batch->complete();
}

void Endpoint::handleBatchItem(const Incoming& incoming, const std::shared_ptr<Batch>& batch, std::string& text) {
    text.append(MessageReader::padding, '\0');
    BatchResponseWriter writer(batch);
    const auto read = reader_.read(std::string_view(text).substr(0, text.size() - MessageReader::padding));
    if (const auto* fault = std::get_if<MessageFault>(&read)) return protocol_.refuse(incoming, writer, *fault);
    const auto& message = std::get<Message>(read);
    if (batch->isFull() && message.kind == Message::Kind::request)
        return protocol_.refuse(incoming, writer, {code::internalError, Batch::fullText, message.idText});
    protocol_.handle(incoming, writer, message);
}

// --- streams and sessions

void Endpoint::openStream(http::Exchange& exchange, const State& state) {
    const http::RequestHead& head = exchange.head();
    const auto version = head.find(http::HeaderName::mcpProtocolVersion);
    if (version && isModernVersion(*version)) {
        refuse(exchange, 405, "this protocol version has no GET stream", "method", "Allow: POST\r\n");
        return;
    }
    if (kindOf(head) == EndpointKind::oldStreams) return openOldStream(exchange, state);
    if (const auto id = head.find(http::HeaderName::mcpSessionId)) return openSessionStream(exchange, state, *id);
    if (options_.opensOldStreamsEverywhere) return openOldStream(exchange, state);
    refuse(exchange, 405, "this URL speaks Streamable HTTP: POST", "method", "Allow: POST\r\n");
}

void Endpoint::openOldStream(http::Exchange& exchange, const State& state) {
    if (!hasRoomForStream(exchange, state)) return;
    if (oldTransport_.open(exchange, gate().authenticator().live(), state.caller()))
        return report(exchange, {Outcome::ok, "stream", 200});
    refuse(exchange, 503, "the server is at its limit of sessions", "sessions", "Retry-After: 10\r\n");
}

void Endpoint::openSessionStream(http::Exchange& exchange, const State& state, std::string_view id) {
    Session* session = protocol_.sessions().find(id, state.caller()->identity.isolationKey);
    if (!session) {
        refuse(exchange, 404, "unknown or ended session", "unknown_session");
        return;
    }
    const auto last = exchange.head().find("Last-Event-ID");
    const auto from = last ? EventId::parse(*last) : std::optional(EventId{0, ~std::uint64_t{0}});
    const auto stream = !last || (from && from->stream == 0) ? session->general(protocol_.streamDeps())
                        : from                               ? session->stream(from->stream)
                                                             : nullptr;
    if (!stream) {
        refuse(exchange, 400, "Last-Event-ID names no event that is kept", "unknown_event");
        return;
    }
    if (!stream->hasClient() && !hasRoomForStream(exchange, state)) return;
    report(exchange, {Outcome::ok, "stream", 200});
    stream->attach(exchange, state.caller(), from->sequence);
}

// False after a refusal.
bool Endpoint::hasRoomForStream(http::Exchange& exchange, const State& state) {
    if (protocol_.streams().admits(state.caller())) return true;
    refuse(exchange, 429, "this caller is at its limit of event streams", "streams", "Retry-After: 1\r\n");
    return false;
}

void Endpoint::deleteSession(http::Exchange& exchange, const State& state) {
    const auto id = exchange.head().find(http::HeaderName::mcpSessionId);
    if (!id) {
        refuse(exchange, 405, "DELETE ends a session: send Mcp-Session-Id", "method", "Allow: POST, GET\r\n");
        return;
    }
    if (!protocol_.sessions().close(*id, state.caller()->identity.isolationKey)) {
        refuse(exchange, 404, "unknown or ended session", "unknown_session");
        return;
    }
    report(exchange, {Outcome::ok, "session_deleted", 204});
    exchange.reply({204, "", "", "", false});
}

// --- what the operator sees

void Endpoint::report(const http::Exchange& exchange, const CallEnd& end) const {
    protocol_.report({.request = RequestState::contextOf(stateOf(exchange)), .head = &exchange.head()}, nullptr, end);
}

} // namespace gatehouse::mcp
