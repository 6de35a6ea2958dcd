// GatedHandler: what every protected route has in common, before a byte of the body is taken.
//
//   onHead     Host and Origin -> preflight -> gate -> the route's own look at the head
//   onRequest  revoked or expired while the body came? -> handle
//
// A route says what it does with a request (acceptsHead, handle) and how it says no (refusalBody, refusalType).
// Threads: one (the loop's). The gate outlives the handler.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/gate.hpp"
#include "base/telemetry.hpp"
#include "handler/call_end.hpp"
#include "handler/request_context.hpp"
#include "http/cors.hpp"
#include "http/exchange.hpp"
#include "http/host_guard.hpp"
#include "http/peer.hpp"

namespace gatehouse {

struct GatedOptions {
    http::HostGuard guard;
    http::Cors cors{};
    std::vector<AddressRange> trustedProxies{};
};

// What is kept of a request between its head and its answer; the attachment of its exchange. Handlers add to it.
struct RequestState {
    RequestContext context;       // as long as this is
    std::uint64_t generation = 0; // of revocations, before it was admitted

    static RequestPtr contextOf(std::shared_ptr<RequestState> state) {
        const RequestContext* const context = &state->context;
        return {std::move(state), context};
    }
};

class GatedHandler : public http::Handler {
public:
    GatedHandler(Gate& gate, const Clock& clock, GatedOptions options)
        : gate_(gate), clock_(clock), options_(std::move(options)) {}

    http::HeadAnswer onHead(http::Exchange& exchange) final;
    void onRequest(http::Exchange& exchange) final;
    bool acceptsEveryMethod() const override { return true; }
    std::string commonHeaders(const http::RequestHead& head) const override { return options_.cors.linesFor(head); }

protected:
    virtual std::shared_ptr<RequestState> newState() const { return std::make_shared<RequestState>(); }
    // The caller is known. False after a refusal.
    virtual bool acceptsHead(http::Exchange& /*exchange*/) { return true; }
    // What else the request needs before its body is taken. `wait`: proceed() is called later.
    virtual http::HeadAnswer prepare(http::Exchange& /*exchange*/) { return http::HeadAnswer::go; }
    // The whole request of a caller whose token holds.
    virtual void handle(http::Exchange& exchange) = 0;
    // A refusal of the gate: its body, in the form of refusalBody, and the phrase of its status line (empty: the
    // usual).
    virtual std::string gateRefusalBody(const GateRefusal& refusal) const {
        return refusalBody(refusal.status, refusal.description);
    }
    virtual std::string gateRefusalPhrase(const GateRefusal& /*refusal*/) const { return {}; }
    // Tells the operator how a request ended.
    virtual void report(const http::Exchange& exchange, const CallEnd& end) const = 0;

    http::HeadAnswer refuse(http::Exchange& exchange, int status, std::string_view text, std::string_view reason,
                            std::string_view headers = {}, Outcome outcome = Outcome::rejected);
    static RequestState& stateIn(const http::Exchange& exchange) {
        return *static_cast<RequestState*>(exchange.attachment.get());
    }
    // The same, to be kept beyond the exchange. A copy costs two atomic operations.
    static std::shared_ptr<RequestState> stateOf(const http::Exchange& exchange) {
        return std::static_pointer_cast<RequestState>(exchange.attachment);
    }
    Gate& gate() { return gate_; }
    const Clock& clock() const { return clock_; }

private:
    http::HeadAnswer refuse(http::Exchange& exchange, const GateRefusal& refusal);
    http::HeadAnswer admit(http::Exchange& exchange);
    void admitLater(http::Exchange& exchange, PendingAdmission pending);
    http::HeadAnswer answered(http::Exchange& exchange, GateAnswer answer);
    http::HeadAnswer refuseMethod(http::Exchange& exchange);
    http::HeadAnswer letIn(http::Exchange& exchange, Admitted admitted);
    bool admitsAgain(http::Exchange& exchange, RequestState& state);

    Gate& gate_;
    const Clock& clock_;
    const GatedOptions options_;
};

// What the audit log is told of a request, with what its head says. Views of all three.
AuditEvent auditEventOf(const RequestContext& request, const http::RequestHead* head, const CallEnd& end,
                        SteadyTime now);

} // namespace gatehouse
