// WorkerHandler: a protected route whose answer may block (a database, a file, another server). The answer is made on a
// worker, with a share of the workers for each identity; the loop goes on.
//
// The first of these ends a request for its caller: the answer, the deadline (504), the token's end (401), the peer's
// going. A worker that does not return after that counts as lost, and is made up for. Whatever ends it, the audit is
// told once.
// Errors are problem documents (RFC 9457): what the handler throws is 500 and a line in the log, no word of it goes to
// the client; no free worker is 503, more requests at once than an identity may have 429, both with Retry-After.
// Threads: as GatedHandler, but answer(), which runs on any worker and on several at once.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/budget.hpp"
#include "base/log.hpp"
#include "handler/error_body.hpp"
#include "handler/gated_handler.hpp"
#include "loop/event_loop.hpp"
#include "loop/executor.hpp"

namespace gatehouse {

// A request as a worker sees it: its own copies.
struct WorkerRequest {
    RequestPtr context; // the caller, what it may do, its address
    std::string method;
    std::string path;
    std::string query;
    std::vector<std::pair<std::string, std::string>> parameters; // of the route's path, decoded; no "." or ".." in them
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields = {}; // of the head, that the handler wants

    std::string parameter(std::string_view name) const; // empty: there is none
    std::string field(std::string_view name) const;     // likewise; names without case
};

struct WorkerAnswer {
    int status = 200;                             // 200 to 599
    std::string contentType = "application/json"; // empty: no body
    std::string body;
    std::string headers = {};     // further lines, each ended by CR LF
    std::string_view reason = {}; // for the audit log when it is a refusal, in one word, static
};

// A refusal of the handler's own.
WorkerAnswer problem(int status, std::string_view detail, std::string_view reason);

// What worker handlers need of the server. Outlives them.
struct WorkerHandlerDeps {
    const Clock& clock;
    Log& log;
    Telemetry& telemetry;
    EventLoop& loop;
    Executor& workers;
    Budget& requests;               // at once, by identity
    std::chrono::milliseconds time; // of one request on a worker
};

class WorkerHandler : public GatedHandler {
public:
    WorkerHandler(Gate& gate, const WorkerHandlerDeps& deps, GatedOptions options)
        : GatedHandler(gate, deps.clock, std::move(options)), deps_(deps) {}

    std::string refusalBody(int status, std::string_view why) const override { return problemBody(status, why); }
    std::string_view refusalType() const override { return problemType; }

protected:
    virtual WorkerAnswer answer(const WorkerRequest& request) = 0;
    // The fields of the head that answer() looks at; the credential is none of them.
    virtual std::vector<std::string_view> wantedFields() const { return {}; }
    // A request whose credential ends meanwhile is ended; false where answering it is what ends the credential.
    virtual bool endsWithToken() const { return true; }
    void handle(http::Exchange& exchange) override;
    void report(const http::Exchange& exchange, const CallEnd& end) const override;

private:
    class Job;
    void work(const std::shared_ptr<Job>& job); // on a worker
    WorkerAnswer tried(const WorkerRequest& request);
    void watch(http::Exchange& exchange, const std::shared_ptr<Job>& job);
    void returned(Job& job, const WorkerAnswer& answer);
    void overdue(Job& job);
    void endWithToken(Job& job);
    void endWithPeer(Job& job);
    void end(Job& job, const CallEnd& end);

    const WorkerHandlerDeps deps_;
};

} // namespace gatehouse
