// TaskStore: calls that became tasks, until their time is over (extension io.modelcontextprotocol/tasks).
//
// A task belongs to the isolationKey that made it, and is unknown to every other. Its id is from the system's random
// source. Tasks live in this process.
// Threads: one (the loop's).
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/budget.hpp"
#include "base/clock.hpp"
#include "mcp/call/call_responder.hpp"

namespace gatehouse::mcp {

class RunningCall;

struct Task {
    enum class Status { working, inputRequired, completed, cancelled, failed };

    std::string id;
    std::string isolationKey;
    Status status = Status::working;
    WallTime createdAt{};
    WallTime updatedAt{};
    SteadyTime began{};
    std::string outcomeJson; // the result, or the error, once there is one
    Budget::Share share;     // its bytes
    // While it asks its client:
    Json inputRequests = Json::object(); // those without an answer yet
    std::shared_ptr<ClientAnswers> answers;
    CallResponder::Resumed resumed;
    std::weak_ptr<RunningCall> call;

    bool isOver() const { return status != Status::working && status != Status::inputRequired; }
};

struct TaskStoreOptions {
    std::chrono::milliseconds time{std::chrono::hours(1)}; // from its making until it is forgotten
    std::chrono::milliseconds pollInterval{1000};
    std::size_t maxTasks = 10'000;
    std::size_t maxOfOne = 1'000; // of one isolationKey
};

class TaskStore {
public:
    using Changed = std::function<void(const Task&)>;
    // `results` counts the bytes of results, and outlives this.
    TaskStore(TaskStoreOptions options, const Clock& clock, Changed changed, Budget& results)
        : options_(options), clock_(clock), changed_(std::move(changed)), results_(results) {}

    // Null when there are too many.
    std::shared_ptr<Task> open(const std::string& isolationKey);
    // Null when there is none of that id for this identity.
    std::shared_ptr<Task> find(std::string_view id, const std::string& isolationKey) const;
    void expire();                                      // to be called now and then
    void identityGone(const std::string& isolationKey); // its last token is gone: its tasks are cancelled and forgotten

    void setStatus(Task& task, Task::Status status);
    // The end of a task. A result that finds no room is replaced by an error that says so.
    void finish(Task& task, Task::Status status, std::string outcomeJson);
    // The members of a Task as the protocol has them, without braces.
    std::string membersJson(const Task& task) const;
    std::string detailedJson(const Task& task) const; // with result, error or inputRequests
    std::chrono::milliseconds time() const { return options_.time; }

private:
    using Tasks = std::list<std::shared_ptr<Task>>; // front: the oldest
    void drop(Tasks::iterator task);

    const TaskStoreOptions options_;
    const Clock& clock_;
    const Changed changed_;
    Budget& results_;
    Tasks tasks_;
    std::unordered_map<std::string, Tasks::iterator> byId_;
    std::unordered_map<std::string, std::size_t> ofKey_;
};

// Where a call's answers go once it is a task.
std::unique_ptr<CallResponder> taskResponder(TaskStore& tasks, std::shared_ptr<Task> task,
                                             std::string clientCapabilitiesJson);

} // namespace gatehouse::mcp
