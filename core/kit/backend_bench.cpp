#include <algorithm>

#include "base/silent_telemetry.hpp"
#include "kit/backend_checks.hpp"
#include "kit/sample_arguments.hpp"

namespace gatehouse::kit {

namespace {

// A call without a listener; it answers no question.
class QuietContext final : public CallContext {
public:
    bool cancelled() const override { return false; }
    void progress(double, std::optional<double>, std::string_view) override {}
};

Caller callerNamed(const std::string& name) {
    Caller caller;
    caller.identity.issuer = "https://kit.example";
    caller.identity.subject = name;
    caller.identity.isolationKey = "kit:" + name;
    return caller;
}

KitCall toolCall(const mcp::ToolEntry& entry, const Json& arguments) {
    KitCall call{.method = "tools/call", .name = entry.tool.name, .uri = "", .argumentsJson = arguments.dump()};
    call.isInline = entry.tool.runsInline;
    call.output = entry.output ? &*entry.output : nullptr;
    return call;
}

void addOwn(std::vector<KitCall>& calls, const OwnCall& own, const mcp::FeatureRegistry& features,
            CheckReport& report) {
    const mcp::ToolEntry* entry = features.tool(own.tool);
    if (!entry) return report.fault("calls", "check.yaml calls " + own.tool + ", which the backend does not have");
    KitCall call = toolCall(*entry, own.arguments);
    call.isOwn = true;
    call.expect = own.expect;
    call.isCancelled = own.isCancelled;
    calls.push_back(std::move(call));
}

bool isLeftToCheckFile(const BackendPlan& plan, const std::string& tool) {
    const auto isOf = [&](const OwnCall& own) { return own.tool == tool; };
    return plan.skip.count(tool) > 0 || std::any_of(plan.calls.begin(), plan.calls.end(), isOf);
}

} // namespace

std::vector<KitCall> callsOf(const BackendPlan& plan, const Backend& backend, const mcp::FeatureRegistry& features,
                             CheckReport& report) {
    std::vector<KitCall> calls;
    for (const OwnCall& own : plan.calls) addOwn(calls, own, features, report);
    for (const Tool& tool : backend.tools()) {
        if (isLeftToCheckFile(plan, tool.name)) continue;
        if (const auto arguments = sampleFor(tool.inputSchema))
            calls.push_back(toolCall(*features.tool(tool.name), *arguments));
        else report.line(tool.name, "not called: no arguments can be made from its schema; give some under `calls`");
    }
    for (const Resource& resource : backend.resources())
        if (plan.skip.count(resource.uri) == 0)
            calls.push_back({.method = "resources/read", .name = resource.uri, .uri = resource.uri});
    for (const Prompt& prompt : backend.prompts()) {
        Json arguments = Json::object();
        for (const PromptArgument& one : prompt.arguments)
            if (one.required) arguments[one.name] = "a";
        if (plan.skip.count(prompt.name) == 0)
            calls.push_back(
                {.method = "prompts/get", .name = prompt.name, .uri = "", .argumentsJson = arguments.dump()});
    }
    return calls;
}

void timeCalls(BackendBench& bench) {
    constexpr std::chrono::milliseconds longest{200};
    for (KitCall& call : bench.calls) {
        if (call.isCancelled) continue;
        bench.progress.beat("calls: " + call.shown());
        const auto begun = std::chrono::steady_clock::now();
        answerTo(bench.backend, call);
        call.isSlow = std::chrono::steady_clock::now() - begun > longest;
        if (call.isSlow)
            bench.report.line(call.name, "takes more than " + std::to_string(longest.count()) +
                                             " ms: left out where many calls are made; cancel: true checks its end");
    }
}

KitAnswer answerTo(Backend& backend, const KitCall& call, const std::string& caller, mcp::InterruptPoint& point,
                   std::string_view credential) {
    SilentTelemetry telemetry;
    QuietContext context;
    KitAnswer answer{CallError{}, "", true};
    try {
        const mcp::ClientLease lease(backend, callerNamed(caller), {credential}, point, telemetry);
        answer.outcome = (*lease).call({call.method, call.name, call.argumentsJson, "", call.uri}, context);
    } catch (const CallError& error) {
        answer.outcome = error;
    } catch (const InputRequired& asked) {
        answer.outcome = asked;
    } catch (const std::exception& fault) { // a library's is stopped at its door, and logged there
        answer.outcome = CallError{-32603, fault.what(), ""};
    }
    answer.isError = std::holds_alternative<CallError>(answer.outcome);
    if (const auto* error = std::get_if<CallError>(&answer.outcome))
        answer.text = std::to_string(error->code) + " " + error->message + error->dataJson;
    if (const auto* asked = std::get_if<InputRequired>(&answer.outcome))
        for (const InputRequest& one : asked->requests)
            answer.text += one.key + " " + one.method + " " + one.params.dump();
    if (auto* result = std::get_if<Result>(&answer.outcome)) {
        answer.text = result->json();
        const Json json = Json::parse(answer.text, nullptr, false);
        answer.isError = json.is_object() && json.contains("isError") && json["isError"] == true;
    }
    return answer;
}

KitAnswer answerTo(Backend& backend, const KitCall& call, const std::string& caller) {
    mcp::InterruptPoint nobody;
    return answerTo(backend, call, caller, nobody);
}

} // namespace gatehouse::kit
