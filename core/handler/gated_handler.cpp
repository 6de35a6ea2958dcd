#include "handler/gated_handler.hpp"

namespace gatehouse {

namespace {

GateRequest shownBy(const http::RequestHead& head, std::string_view peer) {
    return {.fields = head.fields.list(), .query = head.query, .method = head.method, .peer = peer};
}

void keepAdmitted(RequestContext& request, Admitted admitted) {
    request.caller = std::move(admitted.caller);
    request.grants = std::move(admitted.grants);
    request.token = std::move(admitted.token);
}

} // namespace

http::HeadAnswer GatedHandler::onHead(http::Exchange& exchange) {
    exchange.attachment = newState();
    RequestContext& request = stateIn(exchange).context;
    request.began = clock_.steady();
    request.peer = http::clientAddress(exchange.head(), exchange.peer(), options_.trustedProxies);
    const std::string why = options_.guard.refusal(exchange.head());
    if (!why.empty()) return refuse(exchange, 403, why, "host");
    if (!options_.cors.isPreflight(exchange.head())) return admit(exchange);
    exchange.reply({204, "", "", options_.cors.preflightLines(exchange.head()), false});
    return http::HeadAnswer::refused;
}

http::HeadAnswer GatedHandler::admit(http::Exchange& exchange) {
    RequestState& state = stateIn(exchange);
    state.generation = gate_.authenticator().generation();
    Admission admission = gate_.admit(shownBy(exchange.head(), state.context.peer));
    if (auto* pending = std::get_if<PendingAdmission>(&admission)) {
        admitLater(exchange, std::move(*pending));
        return http::HeadAnswer::wait;
    }
    return answered(exchange, std::get<GateAnswer>(std::move(admission)));
}

http::HeadAnswer GatedHandler::answered(http::Exchange& exchange, GateAnswer answer) {
    if (const auto* refusal = std::get_if<GateRefusal>(&answer)) return refuse(exchange, *refusal);
    return letIn(exchange, std::get<Admitted>(std::move(answer)));
}

void GatedHandler::admitLater(http::Exchange& exchange, PendingAdmission pending) {
    struct Kept { // what the request's views point into, also after the peer has gone
        std::shared_ptr<const http::Ticket> ticket;
        std::shared_ptr<void> state;
    };
    const auto ticket = exchange.ticket();
    const auto kept = std::make_shared<const Kept>(Kept{ticket, exchange.attachment});
    gate_.admitLater(std::move(pending), kept, [this, ticket](GateAnswer answer) {
        ticket->run([this, answer = std::move(answer)](http::Exchange& waiting) {
            if (answered(waiting, answer) == http::HeadAnswer::go) waiting.proceed();
        });
    });
}

http::HeadAnswer GatedHandler::letIn(http::Exchange& exchange, Admitted admitted) {
    RequestContext& request = stateIn(exchange).context;
    keepAdmitted(request, std::move(admitted));
    exchange.chargeTo(request.caller->identity.isolationKey);
    if (!exchange.head().allow.empty()) return refuseMethod(exchange);
    return acceptsHead(exchange) ? prepare(exchange) : http::HeadAnswer::refused;
}

// The resource has no such method (RFC 9110 sections 9.3.7, 15.5.6).
http::HeadAnswer GatedHandler::refuseMethod(http::Exchange& exchange) {
    const std::string methods(exchange.head().allow);
    const std::string allow = "Allow: " + methods + "\r\n";
    if (exchange.head().method != "OPTIONS") return refuse(exchange, 405, "use " + methods, "method", allow);
    report(exchange, {Outcome::ok, "", 204});
    exchange.reply({204, "", "", allow, false});
    return http::HeadAnswer::refused;
}

void GatedHandler::onRequest(http::Exchange& exchange) {
    const auto state = stateOf(exchange); // outlives the answer
    const bool hasEnded = gate_.authenticator().endedSince(state->generation, *state->context.caller);
    if (!hasEnded || admitsAgain(exchange, *state)) handle(exchange);
}

// The token was revoked or expired while the body was being received. False after a refusal.
bool GatedHandler::admitsAgain(http::Exchange& exchange, RequestState& state) {
    Admission admission = gate_.admit(shownBy(exchange.head(), state.context.peer));
    auto* answer = std::get_if<GateAnswer>(&admission);
    auto* admitted = answer ? std::get_if<Admitted>(answer) : nullptr;
    if (admitted) keepAdmitted(state.context, std::move(*admitted));
    else refuse(exchange, answer ? std::get<GateRefusal>(*answer) : gate_.ended());
    return admitted != nullptr;
}

http::HeadAnswer GatedHandler::refuse(http::Exchange& exchange, int status, std::string_view text,
                                      std::string_view reason, std::string_view headers, Outcome outcome) {
    report(exchange, {outcome, reason, status, std::string(text)});
    exchange.reply({status, refusalType(), refusalBody(status, text), headers, false});
    return http::HeadAnswer::refused;
}

http::HeadAnswer GatedHandler::refuse(http::Exchange& exchange, const GateRefusal& refusal) {
    RequestContext& request = stateIn(exchange).context;
    if (refusal.caller) request.caller = refusal.caller;
    request.refusedToken = refusal.tokenDigest;
    report(exchange, {refusal.outcome, refusal.reason, refusal.status, refusal.detail});
    exchange.reply(
        {refusal.status, refusalType(), gateRefusalBody(refusal), refusal.headers, false, gateRefusalPhrase(refusal)});
    return http::HeadAnswer::refused;
}

AuditEvent auditEventOf(const RequestContext& request, const http::RequestHead* head, const CallEnd& end,
                        SteadyTime now) {
    AuditEvent event;
    event.peer = request.peer;
    if (request.caller) {
        event.subject = request.caller->identity.subject;
        event.tokenId = request.caller->identity.tokenId;
        if (const TokenRules* rules = request.caller->rules.get()) {
            event.tokenGeneration = rules->generation();
            event.isPreviousText = rules->isPrevious();
        }
    }
    if (request.refusedToken != Sha256{}) event.refusedToken = &request.refusedToken;
    event.outcome = end.outcome.value_or(Outcome::ok);
    event.reason = end.reason;
    event.detail = end.detail;
    event.took = now - request.began;
    event.httpStatus = end.httpStatus;
    if (!head) return event;
    event.method = head->method;
    event.path = head->path;
    event.client = head->find(http::HeaderName::userAgent).value_or("");
    return event;
}

} // namespace gatehouse
