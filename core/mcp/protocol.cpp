#include "mcp/protocol.hpp"

#include <algorithm>
#include <utility>

#include "handler/gated_handler.hpp"
#include "mcp/call/task_methods.hpp"
#include "mcp/lifecycle_methods.hpp"
#include "mcp/message/era.hpp"

namespace gatehouse::mcp {

namespace {

// A request of a legacy session: a lost connection does not cancel it, and an answer that comes later can be fetched by
// its events.
class SessionResponseWriter final : public HttpResponseWriter {
public:
    SessionResponseWriter(const Incoming& incoming, Session& session, ResumableStream::Deps deps)
        : HttpResponseWriter(*incoming.exchange, incoming.kind), caller_(incoming.request->caller), session_(session),
          streamDeps_(deps) {}
    std::shared_ptr<ResponseWriter> keep() override {
        const auto stream = session_.newStream(streamDeps_);
        stream->answerTo(*std::exchange(exchange_, nullptr), kind_, caller_);
        return stream;
    }

private:
    const CallerPtr& caller_;
    Session& session_;
    const ResumableStream::Deps streamDeps_;
};

bool isCounted(std::string_view method) {
    return method != "ping" && method != "initialize" && method != "server/discover";
}

// The room that the request came with, once; the others of a batch take theirs as they come.
LimitAnswer roomOf(const Incoming& incoming, CallLimits& limits) {
    std::optional<LimitAnswer> room;
    if (incoming.room) room.swap(*incoming.room);
    return room ? std::move(*room) : limits.takeNow(*incoming.request->caller->rules);
}

bool isRefused(const CallEnd& end) { return end.outcome == Outcome::rejected || end.outcome == Outcome::limited; }

} // namespace

Protocol::Protocol(const ProtocolOptions& options, ProtocolDeps deps)
    : deps_(deps), limitHeaders_(options.limitHeaders), stateSealer_(options.secrets, "state", deps.clock),
      cursorSealer_(options.secrets, "cursor", deps.clock),
      features_(std::make_shared<const FeatureRegistry>(FeatureLists::of(deps.backend))),
      budgets_(options.budgets, deps.telemetry), streams_(deps.loop, budgets_.streams),
      sessions_(options.sessions, deps.clock, deps.telemetry),
      tasks_(
          options.tasks, deps.clock, [this](const Task& task) { subscriptions_.publishTask(task, tasks_); },
          budgets_.taskResults),
      callDeps_{.factory = deps.backend,
                .telemetry = deps.telemetry,
                .log = deps.log,
                .loop = deps.loop,
                .workers = deps.workers,
                .waiting = waiting_,
                .budgets = budgets_,
                .queue = queue_,
                .times = options.times,
                .challenge = deps.gate.challenge(),
                .exchanger = deps.gate.authenticator().exchanger(),
                .fallback = deps.fallback},
      calls_(features_,
             {.call = callDeps_,
              .live = deps.gate.authenticator().live(),
              .asks = asks_,
              .stateSealer = stateSealer_,
              .clock = deps.clock,
              .tasks = tasks_,
              .ended = [this](const RunningCall& call, const CallEnd& end) { reportCall(call, end); }},
             &deps.gate.policy()),
      lists_(features_, cursorSealer_, options.pageItems, &deps.gate.policy()),
      subscriptions_({.loop = deps.loop,
                      .live = deps.gate.authenticator().live(),
                      .streams = streams_,
                      .sessions = sessions_,
                      .budget = budgets_.subscriptions,
                      .policy = &deps.gate.policy()}) {
    addLifecycleMethods(methods_, sessions_, features_);
    lists_.addTo(methods_);
    calls_.addTo(methods_);
    subscriptions_.addTo(methods_);
    addTaskMethods(methods_, tasks_);
}

Protocol::~Protocol() = default;

std::vector<std::string> Protocol::methods() const {
    std::vector<std::string> names = methods_.names();
    names.emplace_back("subscriptions/listen"); // needs a stream of its own, so it stands beside the table
    return names;
}

void Protocol::expire() {
    sessions_.expire();
    tasks_.expire();
}

void Protocol::identityGone(const std::string& isolationKey) {
    sessions_.closeAll(isolationKey);
    tasks_.identityGone(isolationKey);
}

// --- one message

void Protocol::handle(const Incoming& incoming, ResponseWriter& writer, const Message& message) {
    const Era era = eraOf(message, incoming.head);
    const auto error = era == Era::modern ? checkModern(message, incoming.head)
                       : incoming.head    ? checkLegacy(*incoming.head)
                                          : std::nullopt;
    if (error) return fail(incoming, writer, message, *error, "headers");
    if (message.kind == Message::Kind::request) return handleRequest(incoming, writer, message, era);
    Session* session = nullptr;
    if (era == Era::legacy && !findSession(incoming, writer, message, session)) return;
    handleOther(incoming, writer, message, session);
}

void Protocol::handleRequest(const Incoming& incoming, ResponseWriter& writer, const Message& message, Era era) {
    MethodCall call{.writer = writer,
                    .message = message,
                    .request = incoming.request,
                    .era = era,
                    .form = {message.idText, ""},
                    .head = incoming.head};
    if (era == Era::legacy && !findSession(incoming, writer, message, call.session)) return;
    call.channel = call.session ? call.session->id : std::string(incoming.channel);
    if (!call.session || !incoming.exchange) return dispatch(incoming, call);
    SessionResponseWriter resumable(incoming, *call.session, streamDeps());
    MethodCall inSession{.writer = resumable,
                         .message = message,
                         .request = incoming.request,
                         .era = era,
                         .form = call.form,
                         .session = call.session,
                         .head = incoming.head,
                         .channel = call.channel};
    dispatch(incoming, inSession);
}

void Protocol::dispatch(const Incoming& incoming, MethodCall& call) {
    const MethodTable::Method* method = methods_.find(call.message.method, call.era);
    CallEnd end;
    HeldCall room; // of a call that is refused it goes back
    if (auto refusal = limited(incoming, call, room)) end = std::move(*refusal);
    else if (call.isModern() && call.message.method == "subscriptions/listen" && incoming.kind.canStream())
        end = listen(incoming, call);
    else end = method ? (*method)(call) : methodNotFound(call);
    if (!isRefused(end)) room.use();
    if (end.outcome) report(incoming, &call.message, end);
}

// What a client does to find its way is not counted. From here on the answer tells where the token stands.
std::optional<CallEnd> Protocol::limited(const Incoming& incoming, MethodCall& call, HeldCall& room) const {
    const Caller& caller = *call.request->caller;
    if (!deps_.limits || !caller.rules) return std::nullopt;
    std::optional<LimitRefusal> refusal;
    if (caller.rules->isLimited() && isCounted(call.message.method)) {
        LimitAnswer answer = roomOf(incoming, *deps_.limits);
        if (auto* held = std::get_if<HeldCall>(&answer)) room = std::move(*held);
        else refusal = std::get<LimitRefusal>(answer);
    }
    appendTokenHeaders(call.form.headers, caller);
    if (!refusal) return std::nullopt;
    const LimitFailure failure = failureOf(*refusal);
    failMethod(call, failure.error, failure.reason);
    return CallEnd{failure.outcome, failure.reason, failure.error.httpStatus, "token " + caller.identity.tokenId};
}

void Protocol::appendTokenHeaders(std::string& lines, const Caller& caller) const {
    const TokenRules::Level& token = caller.rules->levels().front();
    const WallTime now = deps_.clock.wall();
    appendExpiryHeader(lines, caller.identity.expiresAt, now);
    appendLimitHeaders(lines, deps_.limits->stateOf(token.id, token.terms), now, limitHeaders_);
}

// A subscription ends with its stream; where none can end it (a batch, the old transport), there is none.
CallEnd Protocol::listen(const Incoming& incoming, MethodCall& call) {
    if (incoming.exchange) return subscriptions_.listen(call, *incoming.exchange);
    if (incoming.carriesStreams) return subscriptions_.listen(call);
    const RpcError error{400, code::invalidRequest, "subscriptions/listen needs an HTTP request of its own", ""};
    return failMethod(call, error, "no_stream");
}

// The session that the request names; false after a refusal.
bool Protocol::findSession(const Incoming& incoming, ResponseWriter& writer, const Message& message,
                           Session*& session) {
    session = incoming.session;
    const auto id = incoming.head ? incoming.head->find(http::HeaderName::mcpSessionId) : std::nullopt;
    if (!id || message.method == "initialize") return true;
    session = sessions_.find(*id, incoming.request->caller->identity.isolationKey);
    if (session) return true;
    fail(incoming, writer, message, {404, code::invalidRequest, "Unknown or ended session", ""}, "unknown_session");
    return false;
}

// Notifications, and answers to what we asked.
void Protocol::handleOther(const Incoming& incoming, ResponseWriter& writer, const Message& message, Session* session) {
    const std::string channel = session ? session->id : std::string(incoming.channel);
    if (message.kind == Message::Kind::response) {
        asks_.answer(channel, message.idText, message.resultText, message.errorText);
    } else if (message.method == "notifications/cancelled" && !channel.empty()) {
        calls_.starter().cancel(channel, message.requestIdText);
        subscriptions_.cancel(channel, message.requestIdText);
    }
    report(incoming, &message, {Outcome::ok, "", 202});
    writer.end(nullptr);
}

void Protocol::refuse(const Incoming& incoming, ResponseWriter& writer, const MessageFault& fault) {
    Message unread;
    unread.idText = fault.idText;
    const int status = fault.code == code::internalError ? 503 : 400;
    fail(incoming, writer, unread, {status, fault.code, fault.text, ""}, "malformed");
}

void Protocol::fail(const Incoming& incoming, ResponseWriter& writer, const Message& message, const RpcError& error,
                    std::string_view reason) {
    report(incoming, &message, {Outcome::error, reason, error.httpStatus});
    sendError(writer, {message.idText, ""}, error);
}

// --- changes of the backend

void Protocol::changed(Change change, std::string uri) {
    deps_.loop.post([this, change, uri = std::move(uri)] { renew(change, uri); });
}

// The backend is asked on another thread, once at a time; clients are told when its new lists are there.
void Protocol::renew(Change change, const std::string& uri) {
    if (change == Change::resource) return subscriptions_.publish(change, uri);
    renewals_.insert(change);
    if (!isRenewing_) renewLists();
}

void Protocol::renewLists() {
    isRenewing_ = true;
    deps_.workers.deliver([this, changes = std::exchange(renewals_, {})] {
        std::shared_ptr<const FeatureRegistry> fresh;
        try {
            fresh = std::make_shared<const FeatureRegistry>(FeatureLists::of(deps_.backend));
        } catch (const std::exception& fault) {
            deps_.log.error(std::string("the backend's new lists cannot be served: ") + fault.what());
        }
        deps_.loop.post([this, changes, fresh = std::move(fresh)] { renewed(changes, fresh); });
    });
}

void Protocol::renewed(const std::set<Change>& changes, std::shared_ptr<const FeatureRegistry> fresh) {
    isRenewing_ = false;
    if (!renewals_.empty()) renewLists();
    if (!fresh) return; // the old ones stay
    features_ = std::move(fresh);
    for (const Change change : changes) subscriptions_.publish(change, "");
}

// --- what the operator sees

void Protocol::report(const Incoming& incoming, const Message* message, const CallEnd& end) const {
    AuditEvent event = auditEventOf(*incoming.request, incoming.head, end, deps_.clock.steady());
    if (message && !message->method.empty()) event.method = message->method;
    if (message) event.name = message->name;
    deps_.telemetry.decided(event);
}

void Protocol::reportCall(const RunningCall& call, const CallEnd& end) const {
    AuditEvent event = auditEventOf(*call.parts().request, nullptr, end, deps_.clock.steady());
    event.method = call.parts().target.method;
    event.name = call.parts().target.name;
    event.client = call.parts().client;
    deps_.telemetry.decided(event);
}

} // namespace gatehouse::mcp
