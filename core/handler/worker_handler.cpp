#include "handler/worker_handler.hpp"

#include "base/percent.hpp"

namespace gatehouse {

namespace {

constexpr std::string_view retrySoon = "Retry-After: 1\r\n";

// Nothing when a parameter of the path is no valid encoding.
std::optional<WorkerRequest> requestOf(const http::Exchange& exchange, RequestPtr context) {
    const http::RequestHead& head = exchange.head();
    WorkerRequest out{.context = std::move(context),
                      .method = std::string(head.method),
                      .path = std::string(head.path),
                      .query = std::string(head.query),
                      .parameters = {},
                      .body = std::string(exchange.body())};
    for (const http::Field& parameter : head.parameters) {
        auto value = percentDecoded(parameter.value);
        if (!value) return std::nullopt;
        out.parameters.emplace_back(parameter.name, std::move(*value));
    }
    return out;
}

} // namespace

std::string WorkerRequest::parameter(std::string_view name) const {
    for (const auto& [known, value] : parameters)
        if (known == name) return value;
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
    auto request = requestOf(exchange, context);
    if (!request) return void(refuse(exchange, 400, "the path is not encoded correctly", "path"));
    auto share = deps_.requests.reserve(context->caller->identity.isolationKey, 1);
    if (!share)
        return void(refuse(exchange, 429, "this caller is at its limit of requests at once", "requests", retrySoon));
    struct Work {
        WorkerRequest request;
        Budget::Share share; // released on the loop
    };
    const auto work = std::make_shared<Work>(Work{std::move(*request), std::move(share)});
    const bool accepted = deps_.workers.submit([this, work, ticket = exchange.ticket()] {
        ticket->run([this, answer = tried(work->request)](http::Exchange& waiting) { reply(waiting, answer); });
        deps_.loop.post([work] { work->share.release(); }); // also when the peer has gone
    });
    if (!accepted) refuse(exchange, 503, "no worker is free", "overloaded", retrySoon);
}

WorkerAnswer WorkerHandler::tried(const WorkerRequest& request) {
    try {
        return answer(request);
    } catch (const std::exception& fault) {
        deps_.log.error(request.method + " " + request.path + " failed: " + fault.what());
        return problem(500, "the request failed; the server's log says why", "internal_error");
    }
}

void WorkerHandler::reply(http::Exchange& exchange, const WorkerAnswer& answer) const {
    const Outcome outcome = answer.status < 400   ? Outcome::ok
                            : answer.status < 500 ? Outcome::rejected
                                                  : Outcome::error;
    report(exchange, {outcome, answer.reason, answer.status});
    exchange.reply({answer.status, answer.contentType, answer.body, answer.headers, false});
}

void WorkerHandler::report(const http::Exchange& exchange, const CallEnd& end) const {
    deps_.telemetry.decided(auditEventOf(stateOf(exchange)->context, &exchange.head(), end, clock().steady()));
}

} // namespace gatehouse
