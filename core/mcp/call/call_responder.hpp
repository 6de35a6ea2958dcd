// CallResponder: where a call's progress, questions and result go: to a modern client, to a legacy one, or into a task.
// Threads: one (the loop's).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <gatehouse/backend.hpp>

#include "mcp/message/message.hpp"
#include "mcp/message/wire.hpp"
#include "mcp/session/client_answers.hpp"
#include "mcp/session/pending_asks.hpp"
#include "mcp/transport/response_writer.hpp"

namespace gatehouse::mcp {

class CallResponder {
public:
    // What came of asking the client.
    enum class Asked {
        waiting,  // the answers come later
        answered, // the client was told what is needed and calls again with it
        refused,  // it cannot be asked, and was told so
    };
    // `refusal` is empty, or why the client gave no answers; the answers are in the ClientAnswers that were asked with.
    using Resumed = std::function<void(const std::string& refusal)>;

    virtual ~CallResponder() = default;
    virtual bool takesNotifications() const = 0;
    virtual void notify(std::string_view json) = 0;
    // `json` is one JSON object, which `report` describes.
    virtual void result(std::string json, const ObjectReport& report) = 0;
    virtual void error(const RpcError& error) = 0;
    virtual void end(const GateRefusal* why) = 0;
    virtual void whenGone(std::function<void()> gone) = 0;
    virtual void release(std::chrono::milliseconds /*retry*/) {}
    virtual void announce() {}
    virtual Asked ask(const InputRequired& requests, const std::shared_ptr<ClientAnswers>& answers,
                      Resumed resumed) = 0;
};

// Seals what a modern client carries for us between its calls; empty when that cannot be done.
using SealState = std::function<std::string(const ClientAnswers&)>;

struct WireForm {
    std::string idText;
    std::string clientCapabilitiesJson = "{}";
    std::string headers;       // for a plain answer
    bool cachedFields = false; // a modern result says how long it may be cached, and its scope
};

// 2026-07-28: questions are answers that ask to call again.
std::unique_ptr<CallResponder> modernResponder(std::shared_ptr<ResponseWriter> writer, WireForm form, SealState seal);
// The revisions before: questions are requests on the stream. `sessionId` is empty when there is no session, and so no
// way back for answers.
std::unique_ptr<CallResponder> legacyResponder(std::shared_ptr<ResponseWriter> writer, WireForm form,
                                               std::string sessionId, PendingAsks& asks);

// The result of an answer that needs input first (2026-07-28).
std::string inputRequiredResult(const InputRequired& requests, std::string_view requestState);
RpcError missingCapabilityError(const Json& missing);

} // namespace gatehouse::mcp
