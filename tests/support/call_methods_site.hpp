// The methods that reach the backend, with features of every kind.
#pragma once

#include <memory>
#include <string>

#include "loop/worker_pool.hpp"
#include "mcp/call/call_methods.hpp"
#include "support/call_site.hpp"
#include "support/fake_exchange.hpp"
#include "support/method_desk.hpp"

namespace gatehouse::test {

inline Tool taskTool(const std::string& name, Tool::Tasks tasks, bool fromStart = true) {
    Tool tool = toolNamed(name);
    tool.tasks = tasks;
    tool.taskFromStart = fromStart;
    return tool;
}

inline Tool typedTool(const std::string& name, bool runsInline) {
    Tool tool = toolNamed(name, runsInline);
    tool.outputSchema = {{"type", "object"}, {"properties", {{"n", {{"type", "integer"}}}}}, {"required", {"n"}}};
    return tool;
}

inline std::vector<Tool> everyKindOfTool() {
    Tool count = toolNamed("count", true), routed = toolNamed("routed", true);
    count.inputSchema = {{"type", "object"}, {"properties", {{"n", {{"type", "integer"}}}}}, {"required", {"n"}}};
    routed.inputSchema["properties"] = {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}}};
    return {toolNamed("fast", true),
            toolNamed("work"),
            count,
            routed,
            typedTool("typed", false),
            typedTool("typed.fast", true),
            taskTool("task", Tool::Tasks::optional),
            taskTool("task.only", Tool::Tasks::required),
            taskTool("task.later", Tool::Tasks::optional, false)};
}

inline mcp::FeatureLists everyKindOfFeature() {
    Prompt greet = promptNamed("greet", true);
    greet.arguments = {{"who", "", true}, {"how", ""}};
    greet.runsInline = true;
    ResourceTemplate items = templateOf("test://items/{id}", true);
    items.runsInline = true;
    return {everyKindOfTool(),
            {resourceAt("test://fast", true), resourceAt("test://slow")},
            {items, templateOf("test://plain/{x}")},
            {greet, promptNamed("slow")}};
}

class CallMethodsSite : public CallSite {
public:
    explicit CallMethodsSite(WorkerPoolOptions options = {4, 4, std::chrono::milliseconds(10'000)},
                             const Policy* rules = nullptr, TokenValidator* exchanger = nullptr,
                             ClientFactory* fallback = nullptr)
        : CallSite(options, exchanger, fallback), policy(rules) {
        session.id = "session";
        methods.addTo(desk.table);
    }
    ~CallMethodsSite() { close(); }
    std::shared_ptr<KeptResponseWriter> run(const Asking& asking) {
        return thread.on([&] { return desk.ask(asking); });
    }
    // Also waits for the answer.
    std::shared_ptr<KeptResponseWriter> answered(const Asking& asking) {
        const auto writer = run(asking);
        if (!waitFor(writer)) throw std::runtime_error("no answer to " + asking.method);
        return writer;
    }

    const Policy* const policy; // null: everybody may call everything
    mcp::Session session;
    std::shared_ptr<const mcp::FeatureRegistry> features =
        std::make_shared<const mcp::FeatureRegistry>(everyKindOfFeature());
    mcp::PendingAsks asks;
    const Sealer sealer{{}, "state", thread.clock};
    mcp::TaskStore tasks{{std::chrono::hours(1), std::chrono::seconds(1), 10, 3},
                         thread.clock,
                         [](const mcp::Task&) {},
                         budgets.taskResults};
    MethodDesk desk;
    mcp::CallMethods methods{features, {port, live, asks, sealer, thread.clock, tasks, ended()}, policy};
};

inline Asking toolCall(const std::string& name, const std::string& arguments = "{}", bool modern = false) {
    return {"tools/call", R"({"name":")" + name + R"(","arguments":)" + arguments + "}", modern};
}

inline Asking inSession(Asking asking, mcp::Session& session) {
    asking.session = &session;
    asking.idText = "7";
    return asking;
}

} // namespace gatehouse::test
