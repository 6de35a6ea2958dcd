// CallStarter: how a call of the backend begins: on the loop or on a worker, as a task, with the answers of earlier
// rounds; and how its client cancels it.
//
// A call of a feature that is declared inline runs on the loop; every other on a worker.
// Threads: one (the loop's).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/sealed_text.hpp"
#include "mcp/call/running_call.hpp"
#include "mcp/call/task_store.hpp"
#include "mcp/method_table.hpp"

namespace gatehouse::mcp {

struct CallStarterDeps {
    CallDeps call;
    LiveIdentities& live;
    PendingAsks& asks;
    const Sealer& stateSealer;
    const Clock& clock;
    TaskStore& tasks;
    // Told once for each call that ended later than its method returned.
    std::function<void(const RunningCall&, const CallEnd&)> ended;
};

class CallStarter {
public:
    static constexpr std::chrono::hours stateTime{1}; // how long a person may take to answer a modern question

    explicit CallStarter(CallStarterDeps deps) : deps_(std::move(deps)) {}

    // The call is right, and its caller may make it.
    CallEnd start(MethodCall& call, CallTarget&& target, std::string_view argumentsJson);
    // notifications/cancelled of a legacy session or of stdio; an unknown id is ignored.
    void cancel(const std::string& channel, const std::string& requestIdText);
    const Challenge& challenge() const { return deps_.call.challenge; }

private:
    CallEnd runOnLoop(MethodCall& call, CallTarget&& target, std::string_view argumentsJson,
                      const std::shared_ptr<ClientAnswers>& answers);
    CallEnd startOnWorker(MethodCall& call, CallParts parts, const InputRequired* asked);
    CallEnd startTask(MethodCall& call, CallParts parts);
    Budget::Share openCall(MethodCall& call, CallEnd& end) const;
    MakeTask makeTask(const std::string& isolationKey, const std::string& clientCapabilitiesJson) const;
    CallParts partsOf(MethodCall& call, CallTarget target, std::string_view argumentsJson,
                      std::shared_ptr<ClientAnswers> answers) const;
    std::unique_ptr<CallResponder> responderOf(MethodCall& call, const CallParts& parts);
    // The answers of earlier rounds; nothing when the requestState is not ours.
    std::shared_ptr<ClientAnswers> answersOf(const MethodCall& call, const std::string& bound) const;
    std::function<void(const RunningCall&, const CallEnd&)> forgetting(const std::string& key);

    const CallStarterDeps deps_;
    // By channel and request id, which a careless client may give twice.
    std::multimap<std::string, std::weak_ptr<RunningCall>> cancellable_;
};

inline std::string_view orEmptyObject(std::string_view json) { return json.empty() ? std::string_view("{}") : json; }

} // namespace gatehouse::mcp
