// tools/list and tools/call.
// Source: MCP server/tools.
//
// A call of a tool that is declared inline runs on the loop; every other on a worker.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "auth/gate.hpp"
#include "base/worker_pool.hpp"
#include "mcp/method_table.hpp"
#include "mcp/running_call.hpp"
#include "mcp/tool_registry.hpp"

namespace gatehouse::mcp {

struct ToolPort {
    CallPort call;
    WorkerPool& workers;
    LiveIdentities& live;
    std::chrono::milliseconds callTime;
    // Told once for each call that ended later than its method returned.
    std::function<void(const RunningCall&, const CallEnd&)> ended;
};

class ToolMethods {
public:
    ToolMethods(const ToolRegistry& tools, ToolPort port) : tools_(tools), port_(std::move(port)) {}

    void addTo(MethodTable& methods);
    // notifications/cancelled of a legacy session; an unknown id is ignored.
    void cancel(const std::string& sessionId, const std::string& requestIdText);

private:
    MethodEnd list(MethodCall& call) const;
    MethodEnd call(MethodCall& call);
    MethodEnd callOnLoop(MethodCall& call, const Tool& tool) const;
    MethodEnd callOnWorker(MethodCall& call, const Tool& tool);
    std::function<void(const RunningCall&, const CallEnd&)> forgetting(const std::string& key);

    const ToolRegistry& tools_;
    const ToolPort port_;
    std::map<std::string, std::weak_ptr<RunningCall>> cancellable_; // by session and request id
};

} // namespace gatehouse::mcp
