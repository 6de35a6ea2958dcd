#include "mcp/call/call_starter.hpp"

#include <algorithm>
#include <vector>

#include <gatehouse/json_members.hpp>

#include "base/digest.hpp"
#include "mcp/call/task_methods.hpp"
#include "mcp/message/params.hpp"

namespace gatehouse::mcp {

namespace {

std::string keyOf(const std::string& channel, const std::string& idText) { return channel + " " + idText; }

// What a requestState is bound to: who, and what was called with what (mrtr.mdx "Security considerations").
std::string boundTo(const Caller& caller, const CallTarget& target, std::string_view argumentsJson) {
    std::string out;
    for (const std::string_view part : {std::string_view(caller.identity.isolationKey), target.method,
                                        std::string_view(target.name), std::string_view(target.uri)})
        out.append(std::to_string(part.size())).append(":").append(part);
    const Sha256 digest = sha256(argumentsJson);
    out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    return out;
}

std::string_view capabilitiesOf(const MethodCall& call) {
    if (call.isModern()) return orEmptyObject(call.message.clientCapabilitiesText);
    return call.session ? std::string_view(call.session->clientCapabilitiesJson) : std::string_view("{}");
}

// The head goes with the request, and the call goes on.
std::string clientOf(const MethodCall& call) {
    constexpr std::size_t kept = 200; // bytes
    return std::string(call.head ? call.head->find(http::HeaderName::userAgent).value_or("").substr(0, kept) : "");
}

// From which level on log messages are wanted.
int lowestLevelOf(const MethodCall& call) {
    if (!call.isModern()) return call.session ? static_cast<int>(call.session->logLevel) : CallParts::noMessages;
    const std::string_view text = call.message.logLevelText;
    const auto level = text.empty() ? std::nullopt : messageLevel(decodedJsonString(text));
    return level ? static_cast<int>(*level) : CallParts::noMessages;
}

// A call on the loop: it is over before anything could cancel it, and asked for no progress.
class ImmediateContext final : public CallContext {
public:
    ImmediateContext(const MethodCall& call, std::string answersJson)
        : call_(call), answersJson_(std::move(answersJson)) {}
    bool cancelled() const override { return false; }
    void progress(double, std::optional<double>, std::string_view) override {}
    void message(MessageLevel level, const Json& data, std::string_view logger) override {
        if (static_cast<int>(level) >= lowestLevelOf(call_))
            call_.writer.message(messageNotification(level, data, logger));
    }
    std::string_view answersJson() const override { return answersJson_; }
    std::string_view clientCapabilitiesJson() const override { return capabilitiesOf(call_); }

private:
    const MethodCall& call_;
    const std::string answersJson_;
};

// Where the outcome of a call on the loop goes.
struct DirectSink {
    MethodCall& call;
    const bool cached;
    void result(std::string json, const ObjectReport& report) const {
        if (!call.isModern()) return sendResult(call.writer, call.form, json);
        sendModernResult(call.writer, call.form, {json, report.hasMeta, report.hasResultType, cached});
    }
    void error(const RpcError& error) const { sendError(call.writer, call.form, error); }
};

} // namespace

CallEnd CallStarter::start(MethodCall& call, CallTarget&& target, std::string_view argumentsJson) {
    const bool mayHaveAnswers = call.isModern() && call.message.mayCarryAnswers;
    const auto answers =
        mayHaveAnswers ? answersOf(call, boundTo(*call.request->caller, target, argumentsJson)) : nullptr;
    if (mayHaveAnswers && !answers) return invalidParams(call, "Invalid params: requestState is not valid");
    const bool exchanges = deps_.call.exchanger && !call.request->caller->isFallback(); // which may block
    const bool atOnce = target.runsInline && !(target.tool && target.tool->tool.tasks != Tool::Tasks::none) &&
                        call.message.progressTokenText.empty() && !exchanges;
    if (atOnce) return runOnLoop(call, std::move(target), argumentsJson, answers);
    CallParts parts = partsOf(call, std::move(target), argumentsJson, answers);
    if (parts.makeTask && parts.target.tool->tool.taskFromStart) return startTask(call, std::move(parts));
    return startOnWorker(call, std::move(parts), nullptr);
}

CallEnd CallStarter::runOnLoop(MethodCall& call, CallTarget&& target, std::string_view argumentsJson,
                               const std::shared_ptr<ClientAnswers>& answers) {
    const bool isRead = target.method == "resources/read";
    const schema::JsonSchema* output = target.tool && target.tool->output ? &*target.tool->output : nullptr;
    CallOutcome outcome = guardedCall(
        [&] {
            ImmediateContext context(call, answers ? answers->answersJson() : "{}");
            const ClientLease lease(deps_.call.factoryFor(*call.request->caller), *call.request->caller, Credentials{},
                                    deps_.call.telemetry);
            return (*lease).call({target.method, target.name, argumentsJson, call.message.metaText, target.uri},
                                 context);
        },
        deps_.call.log);
    if (const auto* asked = std::get_if<InputRequired>(&outcome))
        return startOnWorker(call, partsOf(call, std::move(target), argumentsJson, answers), asked);
    DirectSink sink{call, isRead};
    const CallEnd end = deliverOutcome(sink, outcome, {target.method, target.name, call.era, output}, deps_.call.log);
    return end;
}

CallParts CallStarter::partsOf(MethodCall& call, CallTarget target, std::string_view argumentsJson,
                               std::shared_ptr<ClientAnswers> answers) const {
    const Message& message = call.message;
    const bool mayBeTask =
        call.isModern() && target.tool && target.tool->tool.tasks != Tool::Tasks::none && message.knowsTasks;
    const std::string& key = call.request->caller->identity.isolationKey;
    return {.target = std::move(target),
            .request = call.request,
            .client = clientOf(call),
            .argumentsJson = std::string(argumentsJson),
            .metaJson = std::string(message.metaText),
            .clientCapabilitiesJson = std::string(capabilitiesOf(call)),
            .progressTokenText = message.progressTokenText,
            .lowestLevel = lowestLevelOf(call),
            .answers = answers ? std::move(answers) : std::make_shared<ClientAnswers>(),
            .era = call.era,
            .makeTask = mayBeTask ? makeTask(key, std::string(capabilitiesOf(call))) : nullptr};
}

// The task's caller is told of it by what the call would have answered with.
MakeTask CallStarter::makeTask(const std::string& isolationKey, const std::string& clientCapabilitiesJson) const {
    return [this, isolationKey, clientCapabilitiesJson](const std::shared_ptr<RunningCall>& call,
                                                        CallResponder& caller) -> std::unique_ptr<CallResponder> {
        const auto task = deps_.tasks.open(isolationKey);
        if (!task) return nullptr;
        task->call = call;
        ObjectReport report;
        report.hasResultType = true;
        caller.result(createTaskResult(deps_.tasks, *task), report);
        return taskResponder(deps_.tasks, task, clientCapabilitiesJson);
    };
}

// A share of the open calls; empty: answered with 429.
Budget::Share CallStarter::openCall(MethodCall& call, CallEnd& end) const {
    auto share = deps_.call.budgets.openCalls.reserve(call.request->caller->identity.isolationKey, 1);
    if (!share) end = tooMuch(call, "This caller is at its limit of open calls", "open_calls");
    return share;
}

CallEnd CallStarter::startTask(MethodCall& call, CallParts parts) {
    CallEnd refused;
    auto open = openCall(call, refused);
    if (!open) return refused;
    auto responder = responderOf(call, parts);
    CallResponder& caller = *responder;
    auto running = std::make_shared<RunningCall>(deps_.call, std::move(parts), std::move(responder), forgetting(""),
                                                 std::move(open));
    auto task = running->parts().makeTask(running, caller);
    if (!task) {
        caller.error({503, code::internalError, "There are too many tasks", "", "Retry-After: 10\r\n"});
        return {Outcome::unavailable, "too_many_tasks", 503};
    }
    running->beginAsTask(std::move(task));
    return {}; // later
}

CallEnd CallStarter::startOnWorker(MethodCall& call, CallParts parts, const InputRequired* asked) {
    CallEnd refused;
    auto open = openCall(call, refused);
    if (!open) return refused;
    const std::string key = call.channel.empty() ? "" : keyOf(call.channel, call.message.idText);
    auto responder = responderOf(call, parts);
    auto running = std::make_shared<RunningCall>(deps_.call, std::move(parts), std::move(responder), forgetting(key),
                                                 std::move(open));
    if (!key.empty()) cancellable_.emplace(key, running);
    auto hold = deps_.live.hold(call.request->caller, [weak = std::weak_ptr<RunningCall>(running)] {
        if (const auto held = weak.lock()) held->endWithToken();
    });
    if (asked) running->beginAsking(std::move(hold), *asked);
    else running->begin(std::move(hold));
    return {}; // later
}

std::unique_ptr<CallResponder> CallStarter::responderOf(MethodCall& call, const CallParts& parts) {
    WireForm form{call.form.idText, parts.clientCapabilitiesJson, call.form.headers,
                  parts.target.method == "resources/read"};
    auto writer = call.writer.keep();
    if (!call.isModern())
        return legacyResponder(std::move(writer), std::move(form), call.session ? call.session->id : "", deps_.asks);
    const std::string bound = boundTo(*parts.request->caller, parts.target, parts.argumentsJson);
    return modernResponder(std::move(writer), std::move(form), [this, bound](const ClientAnswers& answers) {
        try {
            return deps_.stateSealer.seal(answers.json(), bound, deps_.clock.wall() + stateTime);
        } catch (const std::exception& fault) { // more than a client should carry, or no randomness
            deps_.call.log.error(std::string("a requestState cannot be sealed: ") + fault.what());
            return std::string();
        }
    });
}

std::shared_ptr<ClientAnswers> CallStarter::answersOf(const MethodCall& call, const std::string& bound) const {
    const Json state = treeParam(call.message, "requestState");
    auto answers = std::optional<ClientAnswers>(ClientAnswers());
    if (!state.is_null()) {
        if (!state.is_string()) return nullptr;
        const auto opened = deps_.stateSealer.open(state.get<std::string>(), bound);
        const auto* text = std::get_if<std::string>(&opened);
        answers = text ? ClientAnswers::fromJson(*text) : std::nullopt;
        if (!answers) return nullptr;
    }
    answers->offer(treeParam(call.message, "inputResponses"));
    return std::make_shared<ClientAnswers>(std::move(*answers));
}

std::function<void(const RunningCall&, const CallEnd&)> CallStarter::forgetting(const std::string& key) {
    return [this, key](const RunningCall& call, const CallEnd& end) {
        const auto [begin, last] = cancellable_.equal_range(key);
        const auto own =
            std::find_if(begin, last, [&](const auto& entry) { return entry.second.lock().get() == &call; });
        if (own != last) cancellable_.erase(own);
        deps_.ended(call, end);
    };
}

void CallStarter::cancel(const std::string& channel, const std::string& requestIdText) {
    const auto [begin, last] = cancellable_.equal_range(keyOf(channel, requestIdText));
    std::vector<std::shared_ptr<RunningCall>> meant; // each leaves the map as it ends
    for (auto at = begin; at != last; ++at)
        if (auto running = at->second.lock()) meant.push_back(std::move(running));
    for (const auto& running : meant) running->cancelByClient();
}

} // namespace gatehouse::mcp
