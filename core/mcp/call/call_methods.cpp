#include "mcp/call/call_methods.hpp"

#include <algorithm>
#include <vector>

#include <gatehouse/json_members.hpp>

#include "base/digest.hpp"
#include "base/joined.hpp"
#include "base/percent.hpp"
#include "mcp/call/task_methods.hpp"
#include "mcp/message/parsed_json.hpp"

namespace gatehouse::mcp {

namespace {

std::string_view orEmptyObject(std::string_view json) { return json.empty() ? std::string_view("{}") : json; }

std::string keyOf(const std::string& channel, const std::string& idText) { return channel + " " + idText; }

// What a requestState is bound to: who, and what was called with what (mrtr.mdx "Security considerations").
std::string boundTo(const Caller& caller, const CallTarget& target, std::string_view argumentsJson) {
    std::string out;
    for (const std::string_view part : {std::string_view(caller.identity.isolationKey), target.method,
                                        std::string_view(target.name), std::string_view(target.uri)})
        out.append(std::to_string(part.size())).append(":").append(part);
    const Sha256 digest = sha256(argumentsJson);
    return out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}

std::string_view capabilitiesOf(const MethodCall& call) {
    if (call.modern) return orEmptyObject(call.message.clientCapabilitiesText);
    return call.session ? std::string_view(call.session->clientCapabilitiesJson) : std::string_view("{}");
}

// From which level on log messages are wanted.
int lowestLevelOf(const MethodCall& call) {
    if (!call.modern) return call.session ? static_cast<int>(call.session->logLevel) : CallParts::noMessages;
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
            call_.carrier.message(messageNotification(level, data, logger));
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
        if (call.modern) json = modernResult(json, report.hasMeta, report.hasResultType, cached);
        sendResult(call.carrier, call.form, json);
    }
    void error(const RpcError& error) const { sendError(call.carrier, call.form, error); }
};

// SEP-1303: the model can read what is wrong, and mend it.
CallEnd refuseArguments(MethodCall& call, const schema::Violation& violation) {
    const std::string where = violation.instancePath.empty() ? "" : violation.instancePath + ": ";
    const std::string result = Result::failure("Invalid arguments: " + where + violation.message).json();
    answerMethod(call, result);
    return {Outcome::toolError, "invalid_arguments"};
}

// All scopes that are needed are named at once (RFC 6750 3.1).
RpcError tooFewScopes(const Challenge& challenge, const std::vector<std::string>& needed) {
    const std::string scopes = joined(needed);
    return {403, code::insufficientScope, "403: the access token lacks scopes; needed: " + scopes,
            Json({{"scope", scopes}}).dump(-1, ' ', false, Json::error_handler_t::replace),
            challenge.insufficientScope(needed).headers};
}

// The required argument that is missing, or the one that is no string; empty when all is well.
std::string wrongPromptArgument(const Prompt& prompt, std::string_view argumentsJson) {
    JsonMembers members(argumentsJson);
    for (auto member = members.next(); !member.name.empty(); member = members.next())
        if (member.value.front() != '"') return "argument " + decodedJsonString(member.name) + " must be a string";
    for (const PromptArgument& argument : prompt.arguments)
        if (argument.required && jsonMember(argumentsJson, argument.name).empty())
            return "argument " + argument.name + " is missing";
    return {};
}

} // namespace

void CallMethods::addTo(MethodTable& methods) {
    const auto both = MethodTable::In::both;
    methods.add("tools/call", both, [this](MethodCall& call) { return callTool(call); });
    methods.add("prompts/get", both, [this](MethodCall& call) { return getPrompt(call); });
    methods.add("resources/read", both, [this](MethodCall& call) { return readResource(call); });
    methods.add("completion/complete", both, [this](MethodCall& call) { return complete(call); });
}

// --- the four methods

CallEnd CallMethods::callTool(MethodCall& call) {
    const Message& message = call.message;
    if (!message.nameIsText) return invalidParams(call, "Invalid params: name must be a string");
    if (!message.argumentsAreObject) return invalidParams(call, "Invalid params: arguments must be an object");
    const ToolEntry* entry = features_->tool(message.name);
    if (!entry) return invalidParams(call, "Unknown tool: " + message.name);
    if (const auto no = denied(call, FeatureKind::tool, message.name)) return *no;
    const std::string_view arguments = orEmptyObject(message.argumentsText);
    if (call.modern && call.head && !entry->headers.empty())
        if (const auto error = entry->headers.check(*call.head, arguments)) return failMethod(call, *error, "headers");
    if (const auto violation = entry->input.check(message.arguments->element)) return refuseArguments(call, *violation);
    const bool tasks = call.modern && knowsTasks(message.clientCapabilitiesText);
    if (entry->tool.tasks == Tool::Tasks::required && call.modern && !tasks)
        return failMethod(call, tasksRequired(), "missing_capability");
    return run(call, {features_, "tools/call", message.name, "", entry, entry->tool.runsInline}, arguments);
}

CallEnd CallMethods::getPrompt(MethodCall& call) {
    const Message& message = call.message;
    if (features_->prompts().items.empty()) return methodNotFound(call);
    const Prompt* prompt = message.nameIsText ? features_->prompt(message.name) : nullptr;
    if (!prompt) return invalidParams(call, "Unknown prompt: " + message.name);
    if (const auto no = denied(call, FeatureKind::prompt, message.name)) return *no;
    if (!message.argumentsAreObject) return invalidParams(call, "Invalid params: arguments must be an object");
    const std::string_view arguments = orEmptyObject(message.argumentsText);
    if (const std::string wrong = wrongPromptArgument(*prompt, arguments); !wrong.empty())
        return invalidParams(call, "Invalid params: " + wrong);
    return run(call, {features_, "prompts/get", message.name, "", nullptr, prompt->runsInline}, arguments);
}

CallEnd CallMethods::readResource(MethodCall& call) {
    if (!features_->hasResources()) return methodNotFound(call);
    const auto uri = jsonTextMember(orEmptyObject(call.message.paramsText), "uri");
    if (!uri) return invalidParams(call, "Invalid params: uri must be a string");
    if (CallEnd end; uriIsTooLong(call, *uri, end)) return end;
    // Who writes letters of it as triplets reads the same, and needs the same.
    for (const std::string& name : {*uri, percentDecoded(*uri).value_or(*uri)})
        if (const auto no = denied(call, FeatureKind::resource, name)) return *no;
    if (const Resource* resource = features_->resource(*uri))
        return run(call, {features_, "resources/read", *uri, *uri, nullptr, resource->runsInline}, "{}");
    if (const auto match = features_->matchTemplate(*uri)) {
        if (const auto no = denied(call, FeatureKind::resource, match->resource->uriTemplate)) return *no;
        return run(
            call,
            {features_, "resources/read", match->resource->uriTemplate, *uri, nullptr, match->resource->runsInline},
            match->variablesJson);
    }
    return failMethod(call, rpcError(CallError::resourceNotFound(*uri), call.modern), "unknown_resource");
}

CallEnd CallMethods::complete(MethodCall& call) {
    if (!features_->completes()) return methodNotFound(call);
    const std::string_view params = orEmptyObject(call.message.paramsText);
    const std::string_view ref = jsonMember(params, "ref");
    const std::string_view argument = jsonMember(params, "argument");
    const bool shaped = !ref.empty() && ref.front() == '{' && !argument.empty() && argument.front() == '{' &&
                        jsonTextMember(argument, "name") && jsonTextMember(argument, "value");
    if (!shaped) return invalidParams(call, "Invalid params: ref and argument {name, value} are needed");
    const auto type = jsonTextMember(ref, "type");
    const bool ofPrompt = type == "ref/prompt", ofResource = type == "ref/resource";
    const std::string name = jsonTextMember(ref, ofPrompt ? "name" : "uri").value_or("");
    if (CallEnd end; uriIsTooLong(call, name, end)) return end;
    const Prompt* prompt = ofPrompt ? features_->prompt(name) : nullptr;
    const ResourceTemplate* resource = ofResource ? features_->resourceTemplate(name) : nullptr;
    const bool known = prompt || resource || (ofResource && features_->resource(name));
    if (!known) return invalidParams(call, "Unknown reference: " + name);
    if (const auto no = denied(call, prompt ? FeatureKind::prompt : FeatureKind::resource, name)) return *no;
    const bool answers = prompt ? prompt->completes : resource && resource->completes;
    if (!answers) return answerMethod(call, Result(Completion{}).json());
    return run(
        call, {features_, "completion/complete", name, "", nullptr, prompt ? prompt->runsInline : resource->runsInline},
        params);
}

// --- running

std::optional<CallEnd> CallMethods::denied(MethodCall& call, FeatureKind kind, std::string_view name) const {
    if (!port_.policy) return std::nullopt;
    const auto needed = port_.policy->refusal(kind, name, *call.request->grants);
    if (needed.empty()) return std::nullopt;
    failMethod(call, tooFewScopes(port_.call.challenge, needed), "insufficient_scope");
    return CallEnd{Outcome::rejected, "insufficient_scope", 403, "needs " + joined(needed)};
}

CallEnd CallMethods::run(MethodCall& call, CallTarget target, std::string_view argumentsJson) {
    const bool mayHaveAnswers = call.modern && call.message.mayCarryAnswers;
    const auto answers =
        mayHaveAnswers ? answersOf(call, boundTo(*call.request->caller, target, argumentsJson)) : nullptr;
    if (mayHaveAnswers && !answers) return invalidParams(call, "Invalid params: requestState is not valid");
    const bool exchanges = port_.call.exchanger && !call.request->caller->isFallback(); // which may block
    const bool atOnce = target.runsInline && !(target.tool && target.tool->tool.tasks != Tool::Tasks::none) &&
                        call.message.progressTokenText.empty() && !exchanges;
    if (atOnce) return runOnLoop(call, std::move(target), argumentsJson, answers);
    CallParts parts = partsOf(call, std::move(target), argumentsJson, answers);
    if (parts.makeTask && parts.target.tool->tool.taskFromStart) return startTask(call, std::move(parts));
    return start(call, std::move(parts), nullptr);
}

CallEnd CallMethods::runOnLoop(MethodCall& call, CallTarget target, std::string_view argumentsJson,
                               const std::shared_ptr<ClientAnswers>& answers) {
    const bool isRead = target.method == "resources/read";
    const schema::JsonSchema* output = target.tool && target.tool->output ? &*target.tool->output : nullptr;
    CallOutcome outcome = guardedCall(
        [&] {
            InterruptPoint nobody;
            ImmediateContext context(call, answers ? answers->answersJson() : "{}");
            const ClientLease lease(port_.call.factoryFor(*call.request->caller), *call.request->caller, Credentials{},
                                    nobody, port_.call.observer);
            return (*lease).call({target.method, target.name, argumentsJson, call.message.metaText, target.uri},
                                 context);
        },
        port_.call.log);
    if (const auto* asked = std::get_if<InputRequired>(&outcome))
        return start(call, partsOf(call, std::move(target), argumentsJson, answers), asked);
    DirectSink sink{call, isRead};
    const CallEnd end =
        deliverOutcome(sink, outcome, {target.method, target.name, call.modern, output}, port_.call.log);
    return end;
}

CallParts CallMethods::partsOf(MethodCall& call, CallTarget target, std::string_view argumentsJson,
                               std::shared_ptr<ClientAnswers> answers) const {
    const Message& message = call.message;
    const bool mayBeTask = call.modern && target.tool && target.tool->tool.tasks != Tool::Tasks::none &&
                           knowsTasks(message.clientCapabilitiesText);
    const std::string& key = call.request->caller->identity.isolationKey;
    return {.target = std::move(target),
            .request = call.request,
            .argumentsJson = std::string(argumentsJson),
            .metaJson = std::string(message.metaText),
            .clientCapabilitiesJson = std::string(capabilitiesOf(call)),
            .progressTokenText = message.progressTokenText,
            .lowestLevel = lowestLevelOf(call),
            .answers = answers ? std::move(answers) : std::make_shared<ClientAnswers>(),
            .modern = call.modern,
            .makeTask = mayBeTask ? makeTask(key, std::string(capabilitiesOf(call))) : nullptr};
}

// The task's caller is told of it by what the call would have answered with.
MakeTask CallMethods::makeTask(const std::string& isolationKey, const std::string& clientCapabilitiesJson) const {
    return [this, isolationKey, clientCapabilitiesJson](const std::shared_ptr<RunningCall>& call,
                                                        Outlet& caller) -> std::unique_ptr<Outlet> {
        const auto task = port_.tasks.open(isolationKey);
        if (!task) return nullptr;
        task->call = call;
        ObjectReport report;
        report.hasResultType = true;
        caller.result(createTaskResult(port_.tasks, *task), report);
        return taskOutlet(port_.tasks, task, clientCapabilitiesJson);
    };
}

// A share of the open calls; empty: answered with 429.
Budget::Share CallMethods::openCall(MethodCall& call, CallEnd& end) const {
    auto share = port_.call.budgets.openCalls.reserve(call.request->caller->identity.isolationKey, 1);
    if (!share) end = tooMuch(call, "This caller is at its limit of open calls", "open_calls");
    return share;
}

CallEnd CallMethods::startTask(MethodCall& call, CallParts parts) {
    CallEnd refused;
    auto open = openCall(call, refused);
    if (!open) return refused;
    auto outlet = outletOf(call, parts);
    Outlet& caller = *outlet;
    auto running =
        std::make_shared<RunningCall>(port_.call, std::move(parts), std::move(outlet), forgetting(""), std::move(open));
    auto task = running->parts().makeTask(running, caller);
    if (!task) {
        caller.error({503, code::internalError, "There are too many tasks", "", "Retry-After: 10\r\n"});
        return {Outcome::unavailable, "too_many_tasks", 503};
    }
    running->beginAsTask(std::move(task));
    return {}; // later
}

CallEnd CallMethods::start(MethodCall& call, CallParts parts, const InputRequired* asked) {
    CallEnd refused;
    auto open = openCall(call, refused);
    if (!open) return refused;
    const std::string key = call.channel.empty() ? "" : keyOf(call.channel, call.message.idText);
    auto outlet = outletOf(call, parts);
    auto running = std::make_shared<RunningCall>(port_.call, std::move(parts), std::move(outlet), forgetting(key),
                                                 std::move(open));
    if (!key.empty()) cancellable_.emplace(key, running);
    auto hold = port_.live.hold(call.request->caller, [weak = std::weak_ptr<RunningCall>(running)] {
        if (const auto held = weak.lock()) held->endWithToken();
    });
    if (asked) running->beginAsking(std::move(hold), *asked);
    else running->begin(std::move(hold));
    return {}; // later
}

std::unique_ptr<Outlet> CallMethods::outletOf(MethodCall& call, const CallParts& parts) {
    WireForm form{call.form.idText, parts.clientCapabilitiesJson, call.form.headers,
                  parts.target.method == "resources/read"};
    auto carrier = call.carrier.keep();
    if (!call.modern)
        return legacyOutlet(std::move(carrier), std::move(form), call.session ? call.session->id : "", port_.asks);
    const std::string bound = boundTo(*parts.request->caller, parts.target, parts.argumentsJson);
    return modernOutlet(std::move(carrier), std::move(form), [this, bound](const ClientAnswers& answers) {
        try {
            return port_.stateSealer.seal(answers.json(), bound, port_.clock.wall() + stateTime);
        } catch (const std::exception& fault) { // more than a client should carry, or no randomness
            port_.call.log.error(std::string("a requestState cannot be sealed: ") + fault.what());
            return std::string();
        }
    });
}

std::shared_ptr<ClientAnswers> CallMethods::answersOf(const MethodCall& call, const std::string& bound) const {
    const std::string_view params = orEmptyObject(call.message.paramsText);
    const std::string_view state = jsonMember(params, "requestState");
    auto answers = std::optional<ClientAnswers>(ClientAnswers());
    if (!state.empty() && state != "null") {
        if (state.front() != '"') return nullptr;
        const auto opened = port_.stateSealer.open(decodedJsonString(state), bound);
        const auto* text = std::get_if<std::string>(&opened);
        answers = text ? ClientAnswers::fromJson(*text) : std::nullopt;
        if (!answers) return nullptr;
    }
    const std::string_view responses = jsonMember(params, "inputResponses");
    if (!responses.empty()) answers->offer(Json::parse(responses, nullptr, false));
    return std::make_shared<ClientAnswers>(std::move(*answers));
}

std::function<void(const RunningCall&, const CallEnd&)> CallMethods::forgetting(const std::string& key) {
    return [this, key](const RunningCall& call, const CallEnd& end) {
        const auto [begin, last] = cancellable_.equal_range(key);
        const auto own =
            std::find_if(begin, last, [&](const auto& entry) { return entry.second.lock().get() == &call; });
        if (own != last) cancellable_.erase(own);
        port_.ended(call, end);
    };
}

void CallMethods::cancel(const std::string& channel, const std::string& requestIdText) {
    const auto [begin, last] = cancellable_.equal_range(keyOf(channel, requestIdText));
    std::vector<std::shared_ptr<RunningCall>> meant; // each leaves the map as it ends
    for (auto at = begin; at != last; ++at)
        if (auto running = at->second.lock()) meant.push_back(std::move(running));
    for (const auto& running : meant) running->cancelByClient();
}

} // namespace gatehouse::mcp
