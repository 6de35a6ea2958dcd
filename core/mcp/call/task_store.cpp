#include "mcp/call/task_store.hpp"

#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include <gatehouse/json_text.hpp>

#include "base/random.hpp"
#include "base/time_text.hpp"
#include "mcp/call/running_call.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::array<std::string_view, 5> statusWords{"working", "input_required", "completed", "cancelled", "failed"};

} // namespace

// Tasks stand in the order in which they were made. All live equally long, so expire() looks at the first alone.
std::shared_ptr<Task> TaskStore::open(const std::string& isolationKey) {
    if (tasks_.size() >= options_.maxTasks) return nullptr;
    std::size_t& ofKey = ofKey_[isolationKey];
    if (ofKey >= options_.maxOfOne) return nullptr;
    auto task = std::make_shared<Task>();
    task->id = randomBase64Url(24, false);
    task->isolationKey = isolationKey;
    task->createdAt = task->updatedAt = clock_.wall();
    task->began = clock_.steady();
    Tasks one{task};
    byId_[task->id] = one.begin();
    tasks_.splice(tasks_.end(), one);
    ++ofKey;
    return task;
}

std::shared_ptr<Task> TaskStore::find(std::string_view id, const std::string& isolationKey) const {
    const auto found = byId_.find(std::string(id));
    if (found == byId_.end() || (*found->second)->isolationKey != isolationKey) return nullptr;
    return *found->second;
}

void TaskStore::drop(Tasks::iterator at) {
    const std::shared_ptr<Task> task = *at;
    byId_.erase(task->id);
    if (const auto ofKey = ofKey_.find(task->isolationKey); --ofKey->second == 0) ofKey_.erase(ofKey);
    tasks_.erase(at);
    if (const auto call = task->call.lock()) call->cancelByClient();
}

void TaskStore::expire() {
    const SteadyTime now = clock_.steady();
    while (!tasks_.empty() && now - tasks_.front()->began >= options_.time) drop(tasks_.begin());
}

void TaskStore::identityGone(const std::string& isolationKey) {
    for (auto at = tasks_.begin(); at != tasks_.end();) {
        const auto next = std::next(at);
        if ((*at)->isolationKey == isolationKey) drop(at);
        at = next;
    }
}

void TaskStore::setStatus(Task& task, Task::Status status) {
    task.status = status;
    task.updatedAt = clock_.wall();
    changed_(task);
}

void TaskStore::finish(Task& task, Task::Status status, std::string outcomeJson) {
    task.share = results_.reserve(task.isolationKey, outcomeJson.size());
    const bool kept = static_cast<bool>(task.share);
    task.outcomeJson =
        kept ? std::move(outcomeJson)
             : R"({"code":-32603,"message":"The results of this caller's tasks are too large to be kept"})";
    setStatus(task, kept || status == Task::Status::cancelled ? status : Task::Status::failed);
}

std::string TaskStore::membersJson(const Task& task) const {
    std::string out = R"("taskId":")" + task.id + R"(","status":")";
    out.append(statusWords[static_cast<std::size_t>(task.status)]);
    out.append(R"(","createdAt":")").append(rfc3339(task.createdAt));
    out.append(R"(","lastUpdatedAt":")").append(rfc3339(task.updatedAt));
    out.append(R"(","ttlMs":)").append(std::to_string(options_.time.count()));
    out.append(R"(,"pollIntervalMs":)").append(std::to_string(options_.pollInterval.count()));
    return out;
}

std::string TaskStore::detailedJson(const Task& task) const {
    std::string out = "{" + membersJson(task);
    if (task.status == Task::Status::completed) out += R"(,"result":)" + task.outcomeJson;
    if (task.status == Task::Status::failed) out += R"(,"error":)" + task.outcomeJson;
    if (task.status == Task::Status::inputRequired) out += R"(,"inputRequests":)" + task.inputRequests.dump();
    out += '}';
    return out;
}

// --- the responder of a call that is a task

namespace {

class TaskResponder final : public CallResponder {
public:
    TaskResponder(TaskStore& tasks, std::shared_ptr<Task> task, std::string clientCapabilitiesJson)
        : tasks_(tasks), task_(std::move(task)), clientCapabilitiesJson_(std::move(clientCapabilitiesJson)) {}

    bool takesNotifications() const override { return false; }
    void notify(std::string_view) override {}
    void whenGone(std::function<void()>) override {}
    void result(std::string json, const ObjectReport&) override { end(Task::Status::completed, std::move(json)); }
    void error(const RpcError& error) override {
        std::string json = R"({"code":)" + std::to_string(error.code) + R"(,"message":)";
        appendJsonString(json, error.message);
        if (!error.dataJson.empty()) json.append(R"(,"data":)").append(error.dataJson);
        end(Task::Status::failed, json += '}');
    }
    void end(const GateRefusal*) override { end(Task::Status::cancelled, ""); }
    Asked ask(const InputRequired& requests, const std::shared_ptr<ClientAnswers>& answers, Resumed resumed) override {
        const Json missing = ClientAnswers::missingCapabilities(requests, clientCapabilitiesJson_);
        if (!missing.is_null()) return error(missingCapabilityError(missing)), Asked::refused;
        task_->inputRequests = Json::parse(requests.json());
        task_->answers = answers;
        task_->resumed = std::move(resumed);
        tasks_.setStatus(*task_, Task::Status::inputRequired);
        return Asked::waiting;
    }

private:
    void end(Task::Status status, std::string outcomeJson) {
        task_->resumed = nullptr;
        tasks_.finish(*task_, status, std::move(outcomeJson));
    }
    TaskStore& tasks_;
    const std::shared_ptr<Task> task_;
    const std::string clientCapabilitiesJson_;
};

} // namespace

std::unique_ptr<CallResponder> taskResponder(TaskStore& tasks, std::shared_ptr<Task> task,
                                             std::string clientCapabilitiesJson) {
    return std::make_unique<TaskResponder>(tasks, std::move(task), std::move(clientCapabilitiesJson));
}

} // namespace gatehouse::mcp
