#include "mcp/call/running_call.hpp"

#include <utility>

#include "auth/challenge.hpp"

namespace gatehouse::mcp {

// The life of a call: submit() -> a worker, at once or when its identity has one free -> finish(), on the loop -> the
// outcome is delivered, or its client is asked. With the client's answers it is submitted again: the handler runs from
// its start and finds them (design/0005). close() ends it exactly once, whatever the reason; a client that is still at
// work is interrupted then, and a worker that does not return from it counts as lost.

namespace {

const schema::JsonSchema* outputOf(const CallTarget& target) {
    return target.tool && target.tool->output ? &*target.tool->output : nullptr;
}

RpcError deadlinePassed(const char* what) { return {200, code::internalError, what, ""}; }

} // namespace

RunningCall::RunningCall(const CallDeps& deps, CallParts parts, std::unique_ptr<CallResponder> responder, Ended ended,
                         Budget::Share open)
    : deps_(deps), parts_(std::move(parts)), answersText_(parts_.answers->answersJson()),
      responder_(std::move(responder)), ended_(std::move(ended)), deadline_(deps.loop), open_(std::move(open)) {}

RunningCall::~RunningCall() = default;

void RunningCall::begin(TokenHold hold) {
    watch(std::move(hold));
    submit();
}

void RunningCall::beginAsking(TokenHold hold, const InputRequired& asked) {
    watch(std::move(hold));
    ask(asked);
}

void RunningCall::watch(TokenHold hold) {
    hold_ = std::move(hold);
    responder_->whenGone([weak = weak_from_this()] {
        const auto call = weak.lock();
        const bool wanted = !call || call->isTask_; // a task's caller has its answer
        if (!wanted && call->close({Outcome::cancelled, "disconnected", 0})) call->interruptLater();
    });
}

// The client learns first how to come back; then the deadline counts.
void RunningCall::armDeadline(std::chrono::milliseconds time) {
    const auto late = [weak = weak_from_this()] {
        if (const auto call = weak.lock())
            call->stop({Outcome::timeout, "deadline", 200}, [](CallResponder& to) {
                to.error(deadlinePassed("The call took longer than its deadline and was ended"));
            });
    };
    const SteadyTime end = deps_.loop.now() + time;
    deadline_.set(deps_.loop.now() + deps_.times.announce, [this, weak = weak_from_this(), late, end] {
        const auto call = weak.lock();
        if (!call || over_) return;
        if (deps_.loop.now() >= end) return late();
        responder_->announce();
        deadline_.set(end, late);
    });
}

void RunningCall::beginAsTask(std::unique_ptr<CallResponder> task) {
    responder_ = std::move(task);
    isTask_ = true;
    submit();
}

void RunningCall::becomeTask() {
    deps_.loop.post([self = shared_from_this()] { self->turnIntoTask(); });
}

// A task outlives the token that began it; it ends with the last one of its isolationKey.
void RunningCall::turnIntoTask() {
    if (over_ || isTask_ || !parts_.makeTask) return;
    auto task = parts_.makeTask(shared_from_this(), *responder_);
    if (!task) return;
    responder_ = std::move(task);
    isTask_ = true;
    hold_.release();
    armDeadline(deps_.times.task);
}

void RunningCall::submit() {
    armDeadline(isTask_ ? deps_.times.task : deps_.times.call);
    startOrWait();
}

// With its identity's share of the workers in use it waits for one of them; so no identity waits for another's calls.
void RunningCall::startOrWait() {
    queued_ = 0;
    Budget& calls = deps_.budgets.calls;
    const std::string& key = parts_.request->caller->identity.isolationKey;
    if (calls.usedBy(key) >= calls.limits().perIdentity) {
        queued_ = deps_.queue.add(key, shared_from_this());
        return;
    }
    worker_ = calls.reserve(key, 1);
    if (worker_ && deps_.workers.submit([self = shared_from_this()] { self->work(); })) return;
    worker_.release();
    refuseForLoad();
}

void RunningCall::leaveQueue() {
    if (queued_ != 0) deps_.queue.remove(parts_.request->caller->identity.isolationKey, std::exchange(queued_, 0));
}

void RunningCall::work() {
    auto outcome = std::make_shared<CallOutcome>(guardedCall([this] { return callClient(); }, deps_.log));
    deps_.loop.post([self = shared_from_this(), outcome] { self->finish(*outcome); });
}

CallOutcome RunningCall::callClient() {
    if (cancelled()) return CallError{}; // the answer is not wanted any more: no client is made
    const ExchangeAnswer credential = backendCredential();
    if (const auto* no = std::get_if<ExchangeRefused>(&credential)) return exchangeRefused(*no, deps_.log);
    if (const auto* later = std::get_if<Unavailable>(&credential)) return exchangeUnavailable(*later, deps_.log);
    const Credentials credentials{std::get<Exchanged>(credential).credential};
    const ClientLease lease(deps_.factoryFor(*parts_.request->caller), *parts_.request->caller, credentials, interrupt_,
                            deps_.telemetry);
    const CallTarget& target = parts_.target;
    return (*lease).call({target.method, target.name, parts_.argumentsJson, parts_.metaJson, target.uri}, *this);
}

// The caller's token goes to the validator that accepted it, and no further. Where tokens are exchanged there is no
// call without a credential.
ExchangeAnswer RunningCall::backendCredential() const {
    const Caller& caller = *parts_.request->caller;
    if (!deps_.exchanger || caller.isFallback()) return Exchanged{};
    if (!parts_.request->token) return ExchangeRefused{"the caller's token is not kept"};
    TokenValidator* const exchanger = caller.decider ? caller.decider : deps_.exchanger;
    ExchangeAnswer answer =
        exchanger->exchange({parts_.request->token->reveal(), caller.identity, "", deps_.times.call});
    const auto* made = std::get_if<Exchanged>(&answer);
    if (made && made->credential.empty()) return ExchangeRefused{"the validator made an empty credential"};
    return answer;
}

void RunningCall::finish(CallOutcome& outcome) {
    workerReturned();
    if (over_) return;
    if (const auto* asked = std::get_if<InputRequired>(&outcome)) return ask(*asked);
    deliver(outcome);
}

void RunningCall::deliver(CallOutcome& outcome) {
    const std::unique_ptr<CallResponder> responder = std::move(responder_);
    const CallTarget& target = parts_.target;
    close(deliverOutcome(*responder, outcome, {target.method, target.name, parts_.era, outputOf(target)}, deps_.log));
}

void RunningCall::ask(const InputRequired& asked) {
    const bool mayAsk = parts_.target.method != "completion/complete"; // no result of it could carry a question
    const auto left = mayAsk ? parts_.answers->ask(asked) : std::nullopt;
    if (left && left->requests.empty()) return resume("");
    if (!left) {
        CallOutcome refused =
            failedCall("a call asks its client too often, for nothing, or in a completion", deps_.log);
        return deliver(refused);
    }
    armDeadline(deps_.times.ask);
    const auto resumed = [weak = weak_from_this()](const std::string& refusal) {
        if (const auto call = weak.lock()) call->resume(refusal);
    };
    switch (responder_->ask(*left, parts_.answers, resumed)) {
        case CallResponder::Asked::waiting: deps_.waiting.insert(shared_from_this()); return;
        case CallResponder::Asked::answered: close({Outcome::ok, "input_required", 200}); return;
        case CallResponder::Asked::refused: close({Outcome::error, "client_cannot", 200}); return;
    }
}

void RunningCall::resume(const std::string& refusal) {
    const auto self = shared_from_this(); // lives to the end of this
    deps_.waiting.erase(self);
    if (over_) return;
    if (!refusal.empty()) {
        CallOutcome failed = Result::failure(refusal);
        return deliver(failed);
    }
    answersText_ = parts_.answers->answersJson();
    submit();
}

// Ends the call for its caller before its client has returned.
void RunningCall::stop(const CallEnd& end, const std::function<void(CallResponder&)>& answer) {
    if (over_) return;
    const std::unique_ptr<CallResponder> responder = std::move(responder_);
    close(end);
    interruptLater();
    if (responder) answer(*responder);
}

// On another thread: what a plugin does there must not hold up the loop.
void RunningCall::interruptLater() {
    if (!worker_) return;
    deps_.workers.deliver([self = shared_from_this()] { self->interrupt_.interrupt(); });
}

// The call is over for its caller. A worker that does not come back from it is made up for by another.
void RunningCall::watchWorker() {
    if (!worker_) return;
    deadline_.set(deps_.loop.now() + deps_.times.overdue, [weak = weak_from_this()] {
        const auto call = weak.lock();
        if (!call || !call->worker_) return;
        call->isOverdue_ = true;
        call->deps_.workers.lost(+1);
        call->deps_.telemetry.changed(Gauge::overdueWorkers, +1);
        call->deps_.log.warning("a worker does not return from " + std::string(call->parts_.target.method) + " " +
                                call->parts_.target.name + ", which was ended " +
                                std::to_string(call->deps_.times.overdue.count()) + " ms ago");
    });
}

void RunningCall::workerReturned() {
    worker_.release();
    if (over_) deadline_.cancel(); // the last owner may be on another thread
    if (std::exchange(isOverdue_, false)) {
        deps_.workers.lost(-1);
        deps_.telemetry.changed(Gauge::overdueWorkers, -1);
    }
    if (const auto next = deps_.queue.next(parts_.request->caller->identity.isolationKey)) next->startOrWait();
}

bool RunningCall::close(const CallEnd& end) {
    if (std::exchange(over_, true)) return false;
    const auto self = shared_from_this(); // lives to the end of this
    deps_.waiting.erase(self);
    cancelled_ = true;
    hold_.release();
    deadline_.cancel();
    open_.release();
    leaveQueue();
    watchWorker();
    const std::unique_ptr<CallResponder> responder = std::move(responder_); // dies here, on the loop
    if (const auto ended = std::exchange(ended_, nullptr)) ended(*this, end);
    return true;
}

void RunningCall::refuseForLoad() {
    stop({Outcome::unavailable, "no_worker", 503}, [](CallResponder& to) {
        to.error({503, code::internalError, "The server is at its limit of calls", "", "Retry-After: 1\r\n"});
    });
}

// The specification wants no response to a cancelled request; the HTTP exchange still has to end.
void RunningCall::cancelByClient() {
    stop({Outcome::cancelled, "by_client", 202}, [](CallResponder& to) { to.end(nullptr); });
}

void RunningCall::endWithToken() {
    stop({Outcome::cancelled, "token_ended", 401}, [this](CallResponder& to) {
        const GateRefusal refusal = deps_.challenge.invalidToken("revoked");
        to.end(&refusal);
    });
}

// --- what the running call says

void RunningCall::notify(std::string json) {
    deps_.loop.post([self = shared_from_this(), json = std::move(json)] {
        if (self->responder_) self->responder_->notify(json);
    });
}

void RunningCall::progress(double progress, std::optional<double> total, std::string_view message) {
    if (parts_.progressTokenText.empty() || cancelled()) return;
    deps_.loop.post([self = shared_from_this(), progress,
                     json = progressNotification(parts_.progressTokenText, progress, total, message)] {
        if (!self->responder_ || progress <= self->lastProgress_) return;
        self->lastProgress_ = progress;
        self->responder_->notify(json);
    });
}

void RunningCall::message(MessageLevel level, const Json& data, std::string_view logger) {
    if (static_cast<int>(level) < parts_.lowestLevel || cancelled()) return;
    notify(messageNotification(level, data, logger));
}

void RunningCall::releaseStream(std::chrono::milliseconds retry) {
    deps_.loop.post([self = shared_from_this(), retry] {
        if (self->responder_) self->responder_->release(retry);
    });
}

} // namespace gatehouse::mcp
