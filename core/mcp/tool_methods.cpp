#include "mcp/tool_methods.hpp"

namespace gatehouse::mcp {

namespace {

MethodEnd invalidParams(MethodCall& call, std::string text) {
    sendError(call.exchange, call.form, {200, code::invalidParams, std::move(text), ""});
    return {"error", "invalid_params"};
}

// A call on the loop: it is over before anything could cancel it, and asked for no progress.
class ImmediateContext final : public CallContext {
public:
    bool cancelled() const override { return false; }
    void progress(double, std::optional<double>, std::string_view) override {}
};

std::string_view argumentsOf(const Message& message) {
    return message.argumentsText.empty() ? std::string_view("{}") : message.argumentsText;
}

std::string keyOf(const std::string& sessionId, const std::string& idText) { return sessionId + " " + idText; }

} // namespace

void ToolMethods::addTo(MethodTable& methods) {
    methods.add("tools/list", MethodTable::In::both, [this](MethodCall& call) { return list(call); });
    methods.add("tools/call", MethodTable::In::both, [this](MethodCall& call) { return this->call(call); });
}

// Everything is on one page, so no cursor is ours.
MethodEnd ToolMethods::list(MethodCall& call) const {
    if (call.message.hasCursor) return invalidParams(call, "Invalid params: unknown cursor");
    if (call.form.modern) sendResult(call.exchange, call.form, modernResult(tools_.modernList(), false));
    else sendResult(call.exchange, call.form, tools_.legacyList());
    return {"ok", ""};
}

MethodEnd ToolMethods::call(MethodCall& call) {
    if (!call.message.nameIsText) return invalidParams(call, "Invalid params: name must be a string");
    if (!call.message.argumentsAreObject) return invalidParams(call, "Invalid params: arguments must be an object");
    const Tool* tool = tools_.find(call.message.name);
    if (!tool) return invalidParams(call, "Unknown tool: " + call.message.name);
    const bool atOnce = tool->runsInline && call.message.progressTokenText.empty();
    return atOnce ? callOnLoop(call, *tool) : callOnWorker(call, *tool);
}

MethodEnd ToolMethods::callOnLoop(MethodCall& call, const Tool& tool) const {
    CallOutcome outcome = guardedCall(
        [&] {
            InterruptPoint nobody;
            ImmediateContext context;
            const ClientLease lease(port_.call.factory, call.caller->identity, nobody, port_.call.observer);
            return (*lease).call({"tools/call", tool.name, argumentsOf(call.message), call.message.metaText}, context);
        },
        port_.call.log);
    const CallEnd end = sendOutcome(call.exchange, call.form, false, outcome, port_.call.log);
    return {end.outcome, end.reason, end.httpStatus};
}

MethodEnd ToolMethods::callOnWorker(MethodCall& call, const Tool& tool) {
    const Message& message = call.message;
    const std::string key = call.session ? keyOf(call.session->id, message.idText) : std::string();
    CallParts parts{call.form,
                    call.caller,
                    tool,
                    std::string(argumentsOf(message)),
                    std::string(message.metaText),
                    message.progressTokenText,
                    call.session != nullptr,
                    std::string(call.peer),
                    call.began};
    auto running = std::make_shared<RunningCall>(port_.call, std::move(parts), call.exchange.ticket(), forgetting(key));
    if (!key.empty()) cancellable_[key] = running;
    const std::weak_ptr<RunningCall> weak = running;
    auto hold = port_.live.hold(call.caller, [weak] {
        if (const auto held = weak.lock()) held->endWithToken();
    });
    running->begin(call.exchange, std::move(hold), port_.call.loop.now() + port_.callTime);
    if (!port_.workers.submit([running] { running->work(); })) running->refuseForLoad();
    return {"", ""};
}

std::function<void(const RunningCall&, const CallEnd&)> ToolMethods::forgetting(const std::string& key) {
    return [this, key](const RunningCall& call, const CallEnd& end) {
        if (!key.empty()) cancellable_.erase(key);
        port_.ended(call, end);
    };
}

void ToolMethods::cancel(const std::string& sessionId, const std::string& requestIdText) {
    const auto found = cancellable_.find(keyOf(sessionId, requestIdText));
    if (found == cancellable_.end()) return;
    if (const auto running = found->second.lock()) running->cancelByClient();
}

} // namespace gatehouse::mcp
