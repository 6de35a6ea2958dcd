#include "mcp/call/task_methods.hpp"

#include <catch2/catch.hpp>

#include "support/ample_budgets.hpp"
#include "support/call_site.hpp"
#include "support/method_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Status = Task::Status;

struct Fixture : MethodDesk {
    Fixture() { addTaskMethods(table, tasks); }
    std::shared_ptr<KeptResponseWriter> task(const std::string& method, const std::string& id,
                                             const std::string& more = "", const std::string& who = "alice") {
        Asking asking{"tasks/" + method, R"({"taskId":")" + id + "\"" + more + "}"};
        asking.capabilities = tasksCapability;
        asking.who = who;
        return ask(asking);
    }
    // A task that asks for its roots and a name.
    std::shared_ptr<Task> asking() {
        const InputRequired asked{{rootsList("roots"), elicitation("name", "?", {{"required", {"name"}}})}};
        const auto task = tasks.open("alice");
        const auto answers = std::make_shared<ClientAnswers>();
        answers->ask(asked);
        taskResponder(tasks, task, R"({"roots":{},"elicitation":{}})")
            ->ask(asked, answers, [this](const std::string& refusal) { resumed.push_back(refusal); });
        return task;
    }
    TurnableClock clock;
    std::vector<Status> changes;
    std::vector<std::string> resumed;
    AmpleBudgets budgets;
    TaskStore tasks{
        {1h, 1s, 10, 10}, clock, [this](const Task& task) { changes.push_back(task.status); }, budgets.all.taskResults};
};

const std::string roots = R"("roots":{"roots":[]})";
const std::string ada = R"("name":{"action":"accept","content":{"name":"Ada"}})";

} // namespace

TEST_CASE("a client that does not know tasks is told what it lacks") {
    Fixture f;
    const std::string id = f.tasks.open("alice")->id;
    for (const char* method : {"tasks/get", "tasks/update", "tasks/cancel"}) {
        const auto got = f.ask({method, R"({"taskId":")" + id + "\"}"});
        CHECK(got->status == 400);
        CHECK(got->errorCode() == -32021);
        CHECK(got->json().at("error").at("data") == Json{{"requiredCapabilities", Json::parse(tasksCapability)}});
    }
}

TEST_CASE("the methods are modern, and no others are there") {
    Fixture f;
    for (const char* method : {"tasks/get", "tasks/update", "tasks/cancel"}) {
        CHECK(f.table.find(method, Era::modern));
        CHECK_FALSE(f.table.find(method, Era::legacy));
    }
    for (const char* method : {"tasks/list", "tasks/result"}) CHECK_FALSE(f.table.find(method, Era::modern));
}

TEST_CASE("a task is known to its own identity alone") {
    Fixture f;
    const std::string id = f.tasks.open("alice")->id;
    for (const std::string method : {"get", "update", "cancel"}) {
        CHECK(f.task(method, id, "", "bob")->errorCode() == -32602);
        CHECK(f.task(method, "nothing")->errorCode() == -32602);
        Asking nameless{"tasks/" + method};
        nameless.capabilities = tasksCapability;
        CHECK(f.ask(nameless)->errorCode() == -32602);
        nameless.params = R"({"taskId":5})";
        CHECK(f.ask(nameless)->errorCode() == -32602);
    }
    CHECK(f.task("get", id)->result().at("taskId") == id);
}

TEST_CASE("tasks/get is complete and has what the task has") {
    Fixture f;
    const auto task = f.tasks.open("alice");
    const Json working = f.task("get", task->id)->result();
    CHECK(working.at("resultType") == "complete");
    CHECK(working.at("status") == "working");
    taskResponder(f.tasks, task, "{}")->result(R"({"content":[]})", {});
    const Json done = f.task("get", task->id)->result();
    CHECK(done.at("status") == "completed");
    CHECK(done.at("result") == Json{{"content", Json::array()}});
}

TEST_CASE("the result that makes a task is flat") {
    Fixture f;
    const auto task = f.tasks.open("alice");
    const Json created = Json::parse(createTaskResult(f.tasks, *task));
    CHECK(created.at("resultType") == "task");
    CHECK(created.at("taskId") == task->id);
    CHECK(created.at("status") == "working");
    CHECK(created.at("ttlMs") == 3'600'000);
}

TEST_CASE("a task goes on when all that it asked is answered, in one update or several") {
    Fixture f;
    const auto task = f.asking();
    CHECK(f.task("get", task->id)->result().at("inputRequests").size() == 2);
    CHECK(f.task("update", task->id, R"(,"inputResponses":{)" + roots + "}")->result().at("resultType") == "complete");
    CHECK(task->status == Status::inputRequired);
    CHECK(f.resumed.empty());
    const Json left = f.task("get", task->id)->result().at("inputRequests");
    CHECK(left.size() == 1);
    CHECK(left.contains("name"));
    f.task("update", task->id, R"(,"inputResponses":{)" + ada + "}");
    CHECK(f.resumed == std::vector<std::string>{""});
    CHECK(f.changes == std::vector<Status>{Status::inputRequired, Status::working});
    CHECK(Json::parse(task->answers->answersJson()).size() == 2);
    f.task("update", task->id, R"(,"inputResponses":{)" + ada + "}"); // nothing is asked any more
    CHECK(f.resumed.size() == 1);

    const auto another = f.asking();
    f.task("update", another->id, R"(,"inputResponses":{)" + roots + "," + ada + R"(,"unknown":{}})");
    CHECK(f.resumed.size() == 2);
}

TEST_CASE("a task's answers that do not fit are asked for again") {
    Fixture f;
    const auto task = f.asking();
    for (const char* wrong :
         {R"({"name":{"action":"accept","content":{}}})", R"({"roots":{}})", R"({"other":{}})", "{}"}) {
        CHECK(
            f.task("update", task->id, R"(,"inputResponses":)" + std::string(wrong))->result().contains("resultType"));
        CHECK(task->inputRequests.size() == 2);
    }
    for (const char* bad : {"", R"(,"inputResponses":[])", R"(,"inputResponses":5)", R"(,"inputResponses":null)"})
        CHECK(f.task("update", task->id, bad)->errorCode() == -32602);
    CHECK(f.resumed.empty());
}

TEST_CASE("a task is cancelled with its call, and an ended one stays as it is") {
    CallSite site;
    site.holdCalls();
    Fixture f;
    std::shared_ptr<Task> task;
    site.thread.on([&] {
        task = f.tasks.open("alice");
        CallParts parts;
        parts.target.method = "tools/call";
        parts.request = site.request;
        parts.answers = std::make_shared<ClientAnswers>();
        const auto call = std::make_shared<RunningCall>(site.port, std::move(parts), nullptr, site.ended());
        task->call = call;
        call->beginAsTask(taskResponder(f.tasks, task, "{}"));
    });
    REQUIRE(site.latch.waitForArrivals(1));
    CHECK(site.thread.on([&] { return f.task("cancel", task->id); })->result().at("resultType") == "complete");
    CHECK(task->status == Status::cancelled);
    CHECK(site.factory.interruptedTimes(1));
    CHECK(site.thread.on([&] { return f.task("cancel", task->id); })->result().at("resultType") == "complete");
    site.close();
    CHECK(site.ends.size() == 1);
    CHECK(f.changes.size() == 1);

    const auto done = f.tasks.open("alice");
    f.tasks.setStatus(*done, Status::completed);
    f.task("cancel", done->id);
    CHECK(done->status == Status::completed);
}
