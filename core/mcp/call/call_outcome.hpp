// What the outcome of a backend's call becomes on the wire, and in the audit.
// Threads: any; CallSink on the loop's.
#pragma once

#include <string>
#include <string_view>

#include <gatehouse/backend.hpp>
#include <gatehouse/token_validator.hpp>

#include "base/log.hpp"
#include "handler/call_end.hpp"
#include "mcp/message/era.hpp"
#include "mcp/message/message.hpp"
#include "mcp/message/wire.hpp"

namespace gatehouse::mcp {

// A call that failed within: its words go to the log, not to the client.
CallOutcome failedCall(std::string_view why, Log& log);

// The backend's credential was refused, or cannot be had now: why goes to the log, not to the client.
CallOutcome exchangeRefused(const ExchangeRefused& refused, Log& log);
CallOutcome exchangeUnavailable(const Unavailable& later, Log& log);

// Runs `call`, turning what it throws into an outcome: the wall of a call that runs on the loop or on a worker.
template <class Call>
CallOutcome guardedCall(const Call& call, Log& log) {
    try {
        return call();
    } catch (InputRequired& asked) {
        return std::move(asked);
    } catch (CallError& error) {
        return std::move(error);
    } catch (const std::exception& fault) {
        return failedCall(fault.what(), log);
    } catch (...) {
        return failedCall("something that is no std::exception was thrown", log);
    }
}

// The error as the client's era knows it.
RpcError rpcError(const CallError& error, Era era);

// The call that an outcome is of.
struct AnsweredCall {
    std::string_view method, name;
    Era era = Era::modern;
    const schema::JsonSchema* output = nullptr; // of the tool; null: none

    std::string shown() const { return std::string(method).append(" ").append(name); } // for the log
};

// Hands a result or an error (not InputRequired) to `sink`, which has result(json, report) and error(RpcError). A tool
// that answers something other than its outputSchema says has failed.
template <class Sink>
CallEnd deliverOutcome(Sink& sink, CallOutcome& outcome, const AnsweredCall& call, Log& log) {
    if (auto* result = std::get_if<Result>(&outcome)) {
        std::string json = std::move(*result).json();
        ObjectReport report = examineObject(json, call.output);
        if (report.isObject && !report.isError && !report.misfit.empty()) {
            log.error(call.shown() + ": the result does not fit its outputSchema: " + report.misfit);
            json = Result::failure("The tool's result does not fit its output schema").json();
            report = examineObject(json);
        }
        if (report.isObject) {
            sink.result(std::move(json), report);
            return {report.isError ? Outcome::toolError : Outcome::ok, "", 200};
        }
        outcome = failedCall(call.shown() + ": the result is not a JSON object", log);
    }
    const RpcError error = rpcError(std::get<CallError>(outcome), call.era);
    sink.error(error);
    return {Outcome::error, error.code == code::internalError ? "internal_error" : "call_error", error.httpStatus};
}

// {"progressToken":...,"progress":...} and notifications/message, whole.
std::string progressNotification(std::string_view token, double progress, std::optional<double> total,
                                 std::string_view message);
std::string messageNotification(MessageLevel level, const Json& data, std::string_view logger);
// Nothing for a word that is no level.
std::optional<MessageLevel> messageLevel(std::string_view word);

} // namespace gatehouse::mcp
