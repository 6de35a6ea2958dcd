// What a running call needs around it: a loop, workers, live tokens, and a backend that does what the test says.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loop/worker_pool.hpp"
#include "mcp/call/running_call.hpp"
#include "support/kept_response_writer.hpp"
#include "support/loop_thread.hpp"
#include "support/scripted_factory.hpp"
#include "support/scripted_gate.hpp"

namespace gatehouse::test {

class CallSite {
public:
    // `exchanger` makes the backend's credentials; `fallback` lends the client of callers without a token.
    explicit CallSite(WorkerPoolOptions options = {4, 4, std::chrono::milliseconds(10'000)},
                      TokenValidator* exchanger = nullptr, ClientFactory* fallback = nullptr)
        : live(10, thread.clock, telemetry, [](const std::string&) {}),
          workers(std::in_place, options, [](std::string_view) {}), port{factory,     telemetry, log.log,
                                                                         thread.loop, *workers,  waiting,
                                                                         budgets,     queue,     mcp::CallTimes{},
                                                                         Challenge(), exchanger, fallback} {}
    ~CallSite() { close(); }
    CallSite(const CallSite&) = delete;
    CallSite& operator=(const CallSite&) = delete;

    // Every call has returned and its end has reached the loop. Also for what is derived, before its members go.
    void close() {
        if (std::exchange(closed_, true)) return;
        latch.open();
        workers->stop();
        thread.settle();
        thread.on([this] { waiting.clear(); });
        thread.stop();
    }
    bool waitUntil(const std::function<bool()>& seen) { // asks on the loop
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (std::chrono::steady_clock::now() < until)
            if (thread.on(seen)) return true;
        return false;
    }
    bool waitFor(const std::shared_ptr<KeptResponseWriter>& writer) {
        const bool over = waitUntil([&] { return writer->isOver(); });
        thread.settle();
        return over;
    }
    // Calls wait at the latch, and an interrupt opens it.
    void holdCalls() {
        factory.call = [this](const CallRequest&, CallContext& context) -> CallOutcome {
            latch.pass();
            sawCancelled = context.cancelled();
            return Result::text("too late");
        };
        factory.interrupt = [this] { latch.open(); };
    }
    void revokeAll() {
        thread.on([this] { live.revoke([](const Caller&) { return true; }); });
    }
    mcp::RunningCall::Ended ended() {
        return [this](const mcp::RunningCall&, const CallEnd& end) {
            ends.push_back(std::string(end.outcome ? outcomeName(*end.outcome) : "") + " " + std::string(end.reason));
        };
    }

    LoopThread thread;
    CountingTelemetry telemetry;
    mcp::Budgets budgets{{}, telemetry};
    KeptLog log;
    ScriptedFactory factory;
    LiveIdentities live;
    Latch latch;
    std::optional<WorkerPool> workers;
    mcp::WaitingCalls waiting;
    mcp::CallQueue queue;
    const mcp::CallDeps port;
    const CallerPtr alice = callerNamed("alice");
    const RequestPtr request = RequestPtr(new RequestContext{.caller = alice,
                                                             .grants = std::make_shared<const Grants>(),
                                                             .peer = "192.0.2.1",
                                                             .began = SteadyTime(),
                                                             .token = nullptr}); // of alice
    std::vector<std::string> ends; // of calls, as the audit would tell them
    std::atomic<bool> sawCancelled{false};

private:
    bool closed_ = false;
};

} // namespace gatehouse::test
