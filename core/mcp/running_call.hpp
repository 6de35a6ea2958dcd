// RunningCall: one tools/call on a worker, from its start to its answer.
//
// The first of these ends it for the caller: the result, a deadline, a cancellation, the client's going, the token's
// end. The client object is interrupted by all but the first, and closed when its call returns; the answer of the
// first kind goes out after it is closed.
//
// Threads: the loop's, except work() and the CallContext methods, which run on the worker.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <gatehouse/backend.hpp>

#include "auth/live_identities.hpp"
#include "base/log.hpp"
#include "http/event_loop.hpp"
#include "mcp/answer.hpp"
#include "mcp/client_lease.hpp"

namespace gatehouse::mcp {

// How a call ended, as the audit tells it.
struct CallEnd {
    std::string_view outcome; // "ok", "tool_error", "error", "cancelled", "timeout"
    std::string_view reason;
    int httpStatus = 200;
};

struct CallParts {
    AnswerForm form;
    CallerPtr caller;
    const Tool& tool;
    std::string argumentsJson;
    std::string metaJson;
    std::string progressTokenText;   // empty: no progress wanted
    bool survivesDisconnect = false; // a legacy session's call goes on
    std::string peer;
    SteadyTime began{};
};

// What a call needs of the endpoint; outlives it.
struct CallPort {
    ClientFactory& factory;
    Observer& observer;
    Log& log;
    http::EventLoop& loop;
};

class RunningCall final : public CallContext, public std::enable_shared_from_this<RunningCall> {
public:
    using Ended = std::function<void(const RunningCall&, const CallEnd&)>;
    RunningCall(CallPort port, CallParts parts, std::shared_ptr<const http::Ticket> ticket, Ended ended);

    // On the loop, before the worker starts. `hold` ties the call to its token.
    void begin(http::Exchange& exchange, TokenHold hold, SteadyTime deadline);
    void work();           // on a worker, once
    void refuseForLoad();  // no worker was free
    void cancelByClient(); // notifications/cancelled
    void endWithToken();   // the token expired or was revoked
    const CallParts& parts() const { return parts_; }

    // CallContext
    bool cancelled() const override { return cancelled_.load(std::memory_order_relaxed); }
    void progress(double progress, std::optional<double> total, std::string_view message) override;

private:
    CallOutcome callClient();
    void finish(http::Exchange* exchange, CallOutcome& outcome);
    void stop(const CallEnd& end, const std::function<void(http::Exchange&)>& answer);
    bool close(const CallEnd& end);

    const CallPort port_;
    CallParts parts_;
    const std::shared_ptr<const http::Ticket> ticket_;
    Ended ended_;
    InterruptPoint interrupt_;
    std::atomic<bool> cancelled_{false};

    // loop only
    http::Exchange* exchange_ = nullptr; // null once the peer has gone or the answer is out
    TokenHold hold_;
    http::Alarm deadline_;
    bool streamOpen_ = false;
    bool over_ = false;
};

// What an outcome becomes on the wire; shared with calls that run on the loop.
CallEnd sendOutcome(http::Exchange& exchange, AnswerForm& form, bool streamOpen, CallOutcome& outcome, Log& log);
CallOutcome failedCall(std::string_view why, Log& log);

// Runs `call`, turning what it throws into an error: the wall of a call that runs on the loop or on a worker.
template <class Call>
CallOutcome guardedCall(const Call& call, Log& log) {
    try {
        return call();
    } catch (const std::exception& fault) {
        return failedCall(fault.what(), log);
    } catch (...) {
        return failedCall("something that is no std::exception was thrown", log);
    }
}

} // namespace gatehouse::mcp
