// tasks/get, tasks/update, tasks/cancel (extension io.modelcontextprotocol/tasks, 2026-07-28).
// Threads: one (the loop's).
#pragma once

#include "mcp/call/task_store.hpp"
#include "mcp/method_table.hpp"

namespace gatehouse::mcp {

// -32021 with what is required.
RpcError tasksRequired();
// The result that a call answers when it has become a task, without resultType's siblings of a plain result.
std::string createTaskResult(const TaskStore& tasks, const Task& task);

void addTaskMethods(MethodTable& methods, TaskStore& tasks);

} // namespace gatehouse::mcp
