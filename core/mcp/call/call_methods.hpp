// tools/call, prompts/get, resources/read and completion/complete: what reaches the backend.
// Source: MCP server/tools, server/prompts, server/resources, server/utilities/completion, basic/patterns/mrtr.
//
// A call of a feature that is declared inline runs on the loop; every other on a worker.
// Threads: one (the loop's).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "auth/gate.hpp"
#include "base/sealed_text.hpp"
#include "mcp/call/running_call.hpp"
#include "mcp/call/task_store.hpp"
#include "mcp/method_table.hpp"

namespace gatehouse::mcp {

struct CallMethodsPort {
    CallPort call;
    LiveIdentities& live;
    PendingAsks& asks;
    const Sealer& stateSealer;
    const Clock& clock;
    TaskStore& tasks;
    // Told once for each call that ended later than its method returned.
    std::function<void(const RunningCall&, const CallEnd&)> ended;
    const Policy* policy = nullptr; // null: everybody may call everything
};

class CallMethods {
public:
    static constexpr std::chrono::hours stateTime{1}; // how long a person may take to answer a modern question

    CallMethods(const std::shared_ptr<const FeatureRegistry>& features, CallMethodsPort port)
        : features_(features), port_(std::move(port)) {}

    void addTo(MethodTable& methods);
    // notifications/cancelled of a legacy session or of stdio; an unknown id is ignored.
    void cancel(const std::string& channel, const std::string& requestIdText);

private:
    CallEnd callTool(MethodCall& call);
    CallEnd getPrompt(MethodCall& call);
    CallEnd readResource(MethodCall& call);
    CallEnd complete(MethodCall& call);
    // Answers with 403 when the caller's scopes do not reach; empty: go on.
    std::optional<CallEnd> denied(MethodCall& call, FeatureKind kind, std::string_view name) const;
    CallEnd run(MethodCall& call, CallTarget target, std::string_view argumentsJson);
    CallEnd runOnLoop(MethodCall& call, CallTarget target, std::string_view argumentsJson,
                      const std::shared_ptr<ClientAnswers>& answers);
    CallEnd start(MethodCall& call, CallParts parts, const InputRequired* asked);
    CallEnd startTask(MethodCall& call, CallParts parts);
    Budget::Share openCall(MethodCall& call, CallEnd& end) const;
    MakeTask makeTask(const std::string& isolationKey, const std::string& clientCapabilitiesJson) const;
    CallParts partsOf(MethodCall& call, CallTarget target, std::string_view argumentsJson,
                      std::shared_ptr<ClientAnswers> answers) const;
    std::unique_ptr<Outlet> outletOf(MethodCall& call, const CallParts& parts);
    // The answers of earlier rounds; nothing when the requestState is not ours.
    std::shared_ptr<ClientAnswers> answersOf(const MethodCall& call, const std::string& bound) const;
    std::function<void(const RunningCall&, const CallEnd&)> forgetting(const std::string& key);

    const std::shared_ptr<const FeatureRegistry>& features_; // the newest
    const CallMethodsPort port_;
    // By channel and request id, which a careless client may give twice.
    std::multimap<std::string, std::weak_ptr<RunningCall>> cancellable_;
};

} // namespace gatehouse::mcp
