#include "handler/worker_handler.hpp"

#include <atomic>

#include "base/percent.hpp"

namespace gatehouse {

namespace {

constexpr std::string_view retrySoon = "Retry-After: 1\r\n";

// No path traversal, also after another decoding.
bool isSafe(std::string_view value) {
    if (value.find('\0') != std::string_view::npos) return false;
    for (std::size_t at = 0; at <= value.size();) {
        const std::size_t end = std::min(value.find('/', at), value.size());
        const std::string_view segment = value.substr(at, end - at);
        if (segment == "." || segment == "..") return false;
        at = end + 1;
    }
    return true;
}

// Nothing when a parameter of the path is no valid encoding, or not safe.
std::optional<WorkerRequest> requestOf(const http::Exchange& exchange, RequestPtr context,
                                       const std::vector<std::string_view>& fields) {
    const http::RequestHead& head = exchange.head();
    WorkerRequest out{.context = std::move(context),
                      .method = std::string(head.method),
                      .path = std::string(head.path),
                      .query = std::string(head.query),
                      .parameters = {},
                      .body = std::string(exchange.body())};
    for (const http::Field& parameter : head.parameters) {
        auto value = percentDecoded(parameter.value);
        if (!value || !isSafe(*value)) return std::nullopt;
        out.parameters.emplace_back(parameter.name, std::move(*value));
    }
    for (const std::string_view name : fields)
        if (const auto value = head.find(name)) out.fields.emplace_back(name, *value);
    return out;
}

Outcome outcomeOf(int status) {
    if (status < 400) return Outcome::ok;
    return status < 500 ? Outcome::rejected : Outcome::error;
}

} // namespace

// One request on its way through a worker. The loop's, except `request` and `isOver`.
class WorkerHandler::Job {
public:
    Job(WorkerRequest given, http::Exchange& exchange, EventLoop& loop)
        : request(std::move(given)), client(exchange.head().find(http::HeaderName::userAgent).value_or("")),
          ticket(exchange.ticket()), deadline(loop) {}

    // What belongs to the loop's thread goes there: the last owner may be a worker.
    void letGo() {
        share.release();
        hold.release();
        deadline.cancel();
        ticket.reset();
    }

    const WorkerRequest request;
    std::atomic<bool> isOver{false}; // for its caller
    const std::string client;
    std::shared_ptr<const http::Ticket> ticket;
    Budget::Share share;
    TokenHold hold;
    Alarm deadline;
    bool isLost = false; // its worker did not return in time
};

std::string WorkerRequest::parameter(std::string_view name) const {
    for (const auto& [known, value] : parameters)
        if (known == name) return value;
    return {};
}

std::string WorkerRequest::field(std::string_view name) const {
    for (const auto& [known, value] : fields)
        if (equalsIgnoringCase(known, name)) return value;
    return {};
}

WorkerAnswer problem(int status, std::string_view detail, std::string_view reason) {
    return {.status = status,
            .contentType = std::string(problemType),
            .body = problemBody(status, detail),
            .reason = reason};
}

void WorkerHandler::handle(http::Exchange& exchange) {
    const RequestPtr context = RequestState::contextOf(stateOf(exchange));
    auto request = requestOf(exchange, context, wantedFields());
    if (!request) return void(refuse(exchange, 400, "the path is not encoded correctly", "path"));
    const auto job = std::make_shared<Job>(std::move(*request), exchange, deps_.loop);
    job->share = deps_.requests.reserve(context->caller->identity.isolationKey, 1);
    if (!job->share)
        return void(refuse(exchange, 429, "this caller is at its limit of requests at once", "requests", retrySoon,
                           Outcome::limited));
    if (deps_.workers.submit([this, job] { work(job); })) return watch(exchange, job);
    job->letGo();
    deps_.telemetry.counted(Counter::overloaded);
    refuse(exchange, 503, "no worker is free", "overloaded", retrySoon, Outcome::unavailable);
}

// From here on its end may come from anywhere.
void WorkerHandler::watch(http::Exchange& exchange, const std::shared_ptr<Job>& job) {
    const auto held = [this, weak = std::weak_ptr<Job>(job)](void (WorkerHandler::*ends)(Job&)) {
        if (const auto live = weak.lock()) (this->*ends)(*live);
    };
    job->deadline.set(deps_.loop.now() + deps_.time, [held] { held(&WorkerHandler::overdue); });
    if (endsWithToken())
        job->hold = gate().authenticator().live().hold(job->request.context->caller,
                                                       [held] { held(&WorkerHandler::endWithToken); });
    exchange.whenGone([held] { held(&WorkerHandler::endWithPeer); });
}

// Comes back whatever happens: what is no std::exception is for the pool, which logs it.
void WorkerHandler::work(const std::shared_ptr<Job>& job) {
    struct Return {
        WorkerHandler& handler;
        const std::shared_ptr<Job> job;
        WorkerAnswer answer = problem(500, "the request failed; the server's log says why", "internal_error");
        ~Return() {
            handler.deps_.loop.post(
                [&to = handler, kept = job, said = std::move(answer)] { to.returned(*kept, said); });
        }
    };
    Return back{*this, job};
    if (!job->isOver) back.answer = tried(job->request);
}

WorkerAnswer WorkerHandler::tried(const WorkerRequest& request) {
    try {
        WorkerAnswer made = answer(request);
        if (made.status >= 200 && made.status < 600) return made;
        deps_.log.error(request.method + " " + request.path + " answered status " + std::to_string(made.status));
    } catch (const std::exception& fault) {
        deps_.log.error(request.method + " " + request.path + " failed: " + fault.what());
    }
    return problem(500, "the request failed; the server's log says why", "internal_error");
}

void WorkerHandler::returned(Job& job, const WorkerAnswer& answer) {
    if (std::exchange(job.isLost, false)) {
        deps_.workers.lost(-1);
        deps_.telemetry.changed(Gauge::overdueWorkers, -1);
    }
    if (!job.isOver) {
        job.ticket->run([answer](http::Exchange& exchange) {
            exchange.reply({answer.status, answer.contentType, answer.body, answer.headers, false});
        });
        end(job, {outcomeOf(answer.status), answer.reason, answer.status});
    }
    job.letGo();
}

void WorkerHandler::overdue(Job& job) {
    job.isLost = true;
    deps_.workers.lost(+1);
    deps_.telemetry.changed(Gauge::overdueWorkers, +1);
    if (job.isOver) return;
    job.ticket->run([this](http::Exchange& exchange) {
        exchange.reply({504, refusalType(), refusalBody(504, "the request took too long"), "", false});
    });
    end(job, {Outcome::timeout, "deadline", 504});
}

void WorkerHandler::endWithToken(Job& job) {
    if (job.isOver) return;
    const GateRefusal refusal = gate().ended();
    job.ticket->run([this, refusal](http::Exchange& exchange) {
        exchange.reply({refusal.status, refusalType(), gateRefusalBody(refusal), refusal.headers, false});
    });
    end(job, {Outcome::cancelled, refusal.reason, refusal.status, refusal.detail});
}

void WorkerHandler::endWithPeer(Job& job) {
    if (!job.isOver) end(job, {Outcome::cancelled, "disconnected", 0});
}

// Once for each request; the worker may still be at it.
void WorkerHandler::end(Job& job, const CallEnd& end) {
    job.isOver = true;
    AuditEvent event = auditEventOf(*job.request.context, nullptr, end, clock().steady());
    event.method = job.request.method;
    event.path = job.request.path;
    event.client = job.client;
    deps_.telemetry.decided(event);
}

void WorkerHandler::report(const http::Exchange& exchange, const CallEnd& end) const {
    deps_.telemetry.decided(auditEventOf(stateIn(exchange).context, &exchange.head(), end, clock().steady()));
}

} // namespace gatehouse
