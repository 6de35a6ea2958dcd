// RunningCall: one call of the backend that takes its time, from its start to its answer, over all rounds of questions
// to its client.
//
// The first of these ends it for the caller: the result, a deadline, a cancellation, the client's going, the token's
// end. The client object is interrupted by all but the first, and closed when its call returns; the answer of the
// first kind goes out after it is closed. While the client is asked something, no worker and no client object waits.
//
// Threads: the loop's, except the work itself and the CallContext methods, which run on a worker.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include <gatehouse/backend.hpp>

#include "auth/live_identities.hpp"
#include "base/log.hpp"
#include "base/secret_text.hpp"
#include "handler/request_context.hpp"
#include "loop/event_loop.hpp"
#include "loop/executor.hpp"
#include "mcp/budgets.hpp"
#include "mcp/call/call_outcome.hpp"
#include "mcp/call/call_queue.hpp"
#include "mcp/call/call_responder.hpp"
#include "mcp/call/client_lease.hpp"
#include "mcp/feature/feature_registry.hpp"
#include "mcp/message/era.hpp"

namespace gatehouse::mcp {

// What is called: one feature of a registry, which it keeps alive.
struct CallTarget {
    std::shared_ptr<const FeatureRegistry> features;
    std::string_view method; // static
    std::string name;
    std::string uri;                 // resources/read
    const ToolEntry* tool = nullptr; // tools/call
    bool runsInline = false;
};

class RunningCall;

// Makes a task of a call: tells its caller so by the responder that it had, and gives the one of the task. Null when
// the call cannot be a task; the responder is as it was then.
using MakeTask = std::function<std::unique_ptr<CallResponder>(const std::shared_ptr<RunningCall>&, CallResponder&)>;

struct CallParts {
    CallTarget target;
    RequestPtr request;
    std::string client; // what it calls itself (User-Agent)
    std::string argumentsJson;
    std::string metaJson;
    std::string clientCapabilitiesJson;
    std::string progressTokenText;           // empty: no progress wanted
    int lowestLevel = CallParts::noMessages; // of log messages to the client
    std::shared_ptr<ClientAnswers> answers;  // never null
    Era era = Era::legacy;
    MakeTask makeTask; // null: no tasks
    static constexpr int noMessages = 100;
};

struct CallTimes {
    std::chrono::milliseconds call{60'000};                  // one round on a worker
    std::chrono::milliseconds ask{std::chrono::minutes(10)}; // a person's answer
    std::chrono::milliseconds task{std::chrono::hours(1)};   // one round of a task
    std::chrono::milliseconds announce{500};                 // then a client learns how to come back for the answer
    std::chrono::milliseconds overdue{
        5'000}; // after the end of a call its worker should be free; then it counts as lost
};

class RunningCall;
// Calls that wait for their client, and are on no worker: their only owner.
using WaitingCalls = std::set<std::shared_ptr<RunningCall>>;

// What a call needs of the server; outlives it.
struct CallDeps {
    ClientFactory& factory;
    Telemetry& telemetry;
    Log& log;
    EventLoop& loop;
    Executor& workers;
    WaitingCalls& waiting; // loop only
    Budgets& budgets;
    CallQueue& queue;
    CallTimes times;
    Challenge challenge{};
    TokenValidator* exchanger = nullptr; // of callers that name no other; null: nothing is exchanged
    ClientFactory* fallback = nullptr;   // of callers without a token

    ClientFactory& factoryFor(const Caller& caller) const {
        return caller.isFallback() && fallback ? *fallback : factory;
    }
};

class RunningCall final : public CallContext, public std::enable_shared_from_this<RunningCall> {
public:
    using Ended = std::function<void(const RunningCall&, const CallEnd&)>;
    // `open`: its share of the open calls.
    RunningCall(const CallDeps& deps, CallParts parts, std::unique_ptr<CallResponder> responder, Ended ended,
                Budget::Share open = {});
    ~RunningCall() override;

    // Starts on a worker. `hold` ties the call to its token.
    void begin(TokenHold hold);
    // Starts with what a first round on the loop asked for.
    void beginAsking(TokenHold hold, const InputRequired& asked);
    // Starts as a task that its client knows already.
    void beginAsTask(std::unique_ptr<CallResponder> task);
    void cancelByClient(); // notifications/cancelled, tasks/cancel
    void endWithToken();   // the token expired or was revoked
    const CallParts& parts() const { return parts_; }

    // CallContext
    bool cancelled() const override { return cancelled_.load(std::memory_order_relaxed); }
    void progress(double progress, std::optional<double> total, std::string_view message) override;
    void message(MessageLevel level, const Json& data, std::string_view logger) override;
    void releaseStream(std::chrono::milliseconds retry) override;
    void becomeTask() override;
    std::string_view answersJson() const override { return answersText_; }
    std::string_view clientCapabilitiesJson() const override { return parts_.clientCapabilitiesJson; }

private:
    void watch(TokenHold hold);
    void submit();
    void turnIntoTask();
    void work(); // on a worker, once for each round
    CallOutcome callClient();
    ExchangeAnswer backendCredential() const;
    void finish(CallOutcome& outcome);
    void ask(const InputRequired& asked);
    void resume(const std::string& refusal);
    void deliver(CallOutcome& outcome);
    void armDeadline(std::chrono::milliseconds time);
    void refuseForLoad();
    void startOrWait();
    void leaveQueue();
    void interruptLater();
    void watchWorker();
    void workerReturned();
    void notify(std::string json);
    void stop(const CallEnd& end, const std::function<void(CallResponder&)>& answer);
    bool close(const CallEnd& end);

    const CallDeps& deps_;
    const CallParts parts_;
    InterruptPoint interrupt_;
    std::atomic<bool> cancelled_{false};
    std::string answersText_; // changed only while no worker has the call

    // loop only
    std::unique_ptr<CallResponder> responder_; // null once the call is over
    Ended ended_;
    TokenHold hold_;
    Alarm deadline_;
    Budget::Share open_;
    CallQueue::Ticket queued_ = 0; // 0: does not wait for a worker of its identity
    Budget::Share worker_;         // while a worker has the call, or will
    bool isOverdue_ = false;       // its worker counts as lost
    double lastProgress_ = -1e308;
    bool isTask_ = false;
    bool over_ = false;
};

} // namespace gatehouse::mcp
