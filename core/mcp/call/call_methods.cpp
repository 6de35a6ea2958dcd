#include "mcp/call/call_methods.hpp"

#include <vector>

#include "base/joined.hpp"
#include "base/percent.hpp"
#include "mcp/call/task_methods.hpp"
#include "mcp/message/params.hpp"
#include "mcp/message/parsed_json.hpp"

namespace gatehouse::mcp {

namespace {

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
    return {.httpStatus = 403,
            .code = code::insufficientScope,
            .message = "403: the access token lacks scopes; needed: " + scopes,
            .dataJson = Json({{"scope", scopes}}).dump(-1, ' ', false, Json::error_handler_t::replace),
            .headers = challenge.insufficientScope(needed).headers};
}

// The required argument that is missing, or the one that is no string; empty when all is well.
std::string wrongPromptArgument(const Prompt& prompt, const simdjson::dom::object& arguments) {
    for (const auto member : arguments)
        if (!member.value.is_string()) return "argument " + std::string(member.key) + " must be a string";
    for (const PromptArgument& argument : prompt.arguments)
        if (argument.required && arguments[argument.name].error() != simdjson::SUCCESS)
            return "argument " + argument.name + " is missing";
    return {};
}

bool isObjectParam(const Message& message, std::string_view name) { return message.params->element[name].is_object(); }

} // namespace

// --- the four methods

void CallMethods::addTo(MethodTable& methods) {
    const auto both = MethodTable::In::both;
    methods.add("tools/call", both, [this](MethodCall& call) { return callTool(call); });
    methods.add("prompts/get", both, [this](MethodCall& call) { return getPrompt(call); });
    methods.add("resources/read", both, [this](MethodCall& call) { return readResource(call); });
    methods.add("completion/complete", both, [this](MethodCall& call) { return complete(call); });
}

CallEnd CallMethods::callTool(MethodCall& call) {
    const Message& message = call.message;
    if (!message.nameIsText) return invalidParams(call, "Invalid params: name must be a string");
    if (!message.argumentsAreObject) return invalidParams(call, "Invalid params: arguments must be an object");
    const ToolEntry* entry = features_->tool(message.name);
    if (!entry) return invalidParams(call, "Unknown tool: " + message.name);
    if (const auto no = denied(call, FeatureKind::tool, message.name)) return *no;
    const std::string_view arguments = orEmptyObject(message.argumentsText);
    if (call.isModern() && call.head && !entry->headers.empty())
        if (const auto error = entry->headers.check(*call.head, *message.arguments))
            return failMethod(call, *error, "headers");
    if (const auto violation = entry->input.check(message.arguments->element)) return refuseArguments(call, *violation);
    if (entry->tool.tasks == Tool::Tasks::required && call.isModern() && !message.knowsTasks)
        return failMethod(call, tasksRequired(), "missing_capability");
    return starter_.start(call, {features_, "tools/call", message.name, "", entry, entry->tool.runsInline}, arguments);
}

CallEnd CallMethods::getPrompt(MethodCall& call) {
    const Message& message = call.message;
    if (features_->prompts().items.empty()) return methodNotFound(call);
    const Prompt* prompt = message.nameIsText ? features_->prompt(message.name) : nullptr;
    if (!prompt) return invalidParams(call, "Unknown prompt: " + message.name);
    if (const auto no = denied(call, FeatureKind::prompt, message.name)) return *no;
    if (!message.argumentsAreObject) return invalidParams(call, "Invalid params: arguments must be an object");
    const std::string_view arguments = orEmptyObject(message.argumentsText);
    if (const std::string wrong = wrongPromptArgument(*prompt, message.arguments->element); !wrong.empty())
        return invalidParams(call, "Invalid params: " + wrong);
    return starter_.start(call, {features_, "prompts/get", message.name, "", nullptr, prompt->runsInline}, arguments);
}

CallEnd CallMethods::readResource(MethodCall& call) {
    if (!features_->hasResources()) return methodNotFound(call);
    const auto uri = textParam(call.message, "uri");
    if (!uri) return invalidParams(call, "Invalid params: uri must be a string");
    if (CallEnd end; uriIsTooLong(call, *uri, end)) return end;
    // Who writes letters of it as triplets reads the same, and needs the same.
    for (const std::string& name : {*uri, percentDecoded(*uri).value_or(*uri)})
        if (const auto no = denied(call, FeatureKind::resource, name)) return *no;
    if (const Resource* resource = features_->resource(*uri))
        return starter_.start(call, {features_, "resources/read", *uri, *uri, nullptr, resource->runsInline}, "{}");
    if (const auto match = features_->matchTemplate(*uri)) {
        if (const auto no = denied(call, FeatureKind::resource, match->resource->uriTemplate)) return *no;
        return starter_.start(
            call,
            {features_, "resources/read", match->resource->uriTemplate, *uri, nullptr, match->resource->runsInline},
            match->variablesJson);
    }
    return failMethod(call, rpcError(CallError::resourceNotFound(*uri), call.era), "unknown_resource");
}

CallEnd CallMethods::complete(MethodCall& call) {
    if (!features_->completes()) return methodNotFound(call);
    const Message& message = call.message;
    if (!isObjectParam(message, "ref") || !textParam(message, "argument", "name") ||
        !textParam(message, "argument", "value"))
        return invalidParams(call, "Invalid params: ref and argument {name, value} are needed");
    const auto type = textParam(message, "ref", "type");
    const bool ofPrompt = type == "ref/prompt", ofResource = type == "ref/resource";
    const std::string name = textParam(message, "ref", ofPrompt ? "name" : "uri").value_or("");
    if (CallEnd end; uriIsTooLong(call, name, end)) return end;
    const Prompt* prompt = ofPrompt ? features_->prompt(name) : nullptr;
    const ResourceTemplate* resource = ofResource ? features_->resourceTemplate(name) : nullptr;
    const bool known = prompt || resource || (ofResource && features_->resource(name));
    if (!known) return invalidParams(call, "Unknown reference: " + name);
    if (const auto no = denied(call, prompt ? FeatureKind::prompt : FeatureKind::resource, name)) return *no;
    const bool answers = prompt ? prompt->completes : resource && resource->completes;
    if (!answers) return answerMethod(call, Result(Completion{}).json());
    return starter_.start(
        call, {features_, "completion/complete", name, "", nullptr, prompt ? prompt->runsInline : resource->runsInline},
        call.message.paramsText);
}

// --- scopes

std::optional<CallEnd> CallMethods::denied(MethodCall& call, FeatureKind kind, std::string_view name) const {
    if (!mayUse(*call.request->caller, kind, name)) {
        const RpcError error{403, code::insufficientScope, "403: this access token may not call this tool", ""};
        failMethod(call, error, "tool_not_allowed");
        return CallEnd{Outcome::rejected, "tool_not_allowed", 403, "by the token's own list of tools"};
    }
    if (!policy_) return std::nullopt;
    const auto needed = policy_->refusal(kind, name, *call.request->grants);
    if (needed.empty()) return std::nullopt;
    failMethod(call, tooFewScopes(starter_.challenge(), needed), "insufficient_scope");
    return CallEnd{Outcome::rejected, "insufficient_scope", 403, "needs " + joined(needed)};
}

} // namespace gatehouse::mcp
