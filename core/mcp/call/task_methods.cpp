#include "mcp/call/task_methods.hpp"

#include <functional>

#include "mcp/call/running_call.hpp"
#include "mcp/message/params.hpp"

namespace gatehouse::mcp {

namespace {

// What a method does with the task that it names.
using OnTask = std::function<CallEnd(MethodCall&, Task&)>;

CallEnd withTask(MethodCall& call, TaskStore& tasks, const OnTask& work) {
    if (!call.message.knowsTasks) return failMethod(call, tasksRequired(), "missing_capability");
    const auto id = textParam(call.message, "taskId");
    const auto task = id ? tasks.find(*id, call.request->caller->identity.isolationKey) : nullptr;
    if (!task) return invalidParams(call, "Invalid params: unknown taskId");
    return work(call, *task);
}

CallEnd update(MethodCall& call, TaskStore& tasks, Task& task) {
    const Json responses = treeParam(call.message, "inputResponses");
    if (!responses.is_object()) return invalidParams(call, "Invalid params: inputResponses must be an object");
    if (task.status == Task::Status::inputRequired) {
        for (const auto& [key, result] : responses.items())
            if (task.inputRequests.contains(key) && task.answers->accept(key, result)) task.inputRequests.erase(key);
        if (task.inputRequests.empty()) {
            tasks.setStatus(task, Task::Status::working);
            if (const auto resumed = std::exchange(task.resumed, nullptr)) resumed("");
        }
    }
    return answerMethod(call, "{}");
}

CallEnd cancel(MethodCall& call, Task& task) {
    const auto running = task.call.lock();
    if (running && !task.isOver()) running->cancelByClient();
    return answerMethod(call, "{}");
}

} // namespace

RpcError tasksRequired() {
    return missingCapabilityError({{"extensions", {{std::string(tasksExtension), Json::object()}}}});
}

std::string createTaskResult(const TaskStore& tasks, const Task& task) {
    return R"({"resultType":"task",)" + tasks.membersJson(task) + "}";
}

void addTaskMethods(MethodTable& methods, TaskStore& tasks) {
    const auto add = [&](const char* name, OnTask work) {
        methods.add(name, MethodTable::In::modern,
                    [&tasks, work = std::move(work)](MethodCall& call) { return withTask(call, tasks, work); });
    };
    add("tasks/get", [&tasks](MethodCall& call, Task& task) { return answerMethod(call, tasks.detailedJson(task)); });
    add("tasks/update", [&tasks](MethodCall& call, Task& task) { return update(call, tasks, task); });
    add("tasks/cancel", [](MethodCall& call, Task& task) { return cancel(call, task); });
}

} // namespace gatehouse::mcp
