#include "mcp/call/task_store.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "support/ample_budgets.hpp"
#include "support/call_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Status = Task::Status;

struct Fixture {
    explicit Fixture(TaskStoreOptions options = {1h, 1000ms, 10, 3})
        : tasks(
              options, clock, [this](const Task& task) { changes.emplace_back(task.id, task.status); },
              budgets.all.taskResults) {}
    std::shared_ptr<Task> open(const std::string& who = "alice") { return tasks.open(who); }
    AmpleBudgets budgets;
    TurnableClock clock;
    std::vector<std::pair<std::string, Status>> changes;
    TaskStore tasks;
};

const InputRequired roots{{rootsList("roots")}};

} // namespace

TEST_CASE("a task is found by its id, by the identity that made it alone") {
    Fixture f;
    const auto task = f.open();
    REQUIRE(task);
    CHECK(task->status == Status::working);
    CHECK_FALSE(task->isOver());
    CHECK(f.tasks.find(task->id, "alice") == task);
    CHECK(f.tasks.find(task->id, "bob") == nullptr);
    CHECK(f.tasks.find("", "alice") == nullptr);
    CHECK(f.tasks.find(task->id + "x", "alice") == nullptr);
}

TEST_CASE("a task's id cannot be guessed and is never the same") {
    Fixture f({1h, 1s, 2000, 2000});
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(f.open()->id);
    CHECK(ids.size() == 1000);
    for (const std::string& id : ids) REQUIRE(id.size() == 32);
}

TEST_CASE("an identity has so many tasks, and all together so many") {
    Fixture f({1h, 1s, 5, 3});
    for (int i = 0; i < 3; ++i) REQUIRE(f.open("alice"));
    CHECK(f.open("alice") == nullptr);
    REQUIRE(f.open("bob"));
    REQUIRE(f.open("carol"));
    CHECK(f.open("dave") == nullptr);
    f.clock.turn(1h);
    f.tasks.expire();
    CHECK(f.open("alice"));
}

TEST_CASE("a task is forgotten when its time is over, finished or not") {
    Fixture f;
    const std::string first = f.open()->id;
    f.clock.turn(30min);
    const std::string second = f.open()->id;
    f.tasks.setStatus(*f.tasks.find(second, "alice"), Status::completed);
    f.clock.turn(30min - 1ms);
    f.tasks.expire();
    CHECK(f.tasks.find(first, "alice"));
    f.clock.turn(1ms);
    f.tasks.expire();
    CHECK(f.tasks.find(first, "alice") == nullptr);
    CHECK(f.tasks.find(second, "alice"));
}

TEST_CASE("an identity that is gone takes its tasks with it, and no others") {
    Fixture f;
    const std::string a = f.open("alice")->id, b = f.open("bob")->id, c = f.open("alice")->id;
    f.tasks.identityGone("alice");
    CHECK(f.tasks.find(a, "alice") == nullptr);
    CHECK(f.tasks.find(c, "alice") == nullptr);
    CHECK(f.tasks.find(b, "bob"));
    for (int i = 0; i < 3; ++i) CHECK(f.open("alice"));
}

TEST_CASE("a task tells its status, its times and what came of it") {
    Fixture f;
    const auto task = f.open();
    f.clock.turn(90s);
    f.tasks.setStatus(*task, Status::working);
    Json told = Json::parse(f.tasks.detailedJson(*task));
    CHECK(told == Json{{"taskId", task->id},
                       {"status", "working"},
                       {"createdAt", told.at("createdAt")},
                       {"lastUpdatedAt", told.at("lastUpdatedAt")},
                       {"ttlMs", 3'600'000},
                       {"pollIntervalMs", 1000}});
    CHECK(told.at("createdAt").get<std::string>().find("2024-11-19T07:06:40") == 0);
    CHECK(told.at("lastUpdatedAt").get<std::string>().find("2024-11-19T07:08:10") == 0);
    CHECK(Json::parse("{" + f.tasks.membersJson(*task) + "}") == told);

    struct Row {
        Status status;
        const char *word, *member; // null: none
        bool over;
    };
    task->outcomeJson = R"({"a":1})";
    task->inputRequests = {{"k", 1}};
    for (const Row& row : std::initializer_list<Row>{{Status::working, "working", nullptr, false},
                                                     {Status::inputRequired, "input_required", "inputRequests", false},
                                                     {Status::completed, "completed", "result", true},
                                                     {Status::cancelled, "cancelled", nullptr, true},
                                                     {Status::failed, "failed", "error", true}}) {
        DYNAMIC_SECTION(row.word) {
            f.tasks.setStatus(*task, row.status);
            told = Json::parse(f.tasks.detailedJson(*task));
            CHECK(told.at("status") == row.word);
            CHECK(task->isOver() == row.over);
            for (const std::string member : {"inputRequests", "result", "error"})
                CHECK(told.contains(member) == (row.member != nullptr && member == row.member));
        }
    }
}

TEST_CASE("what a call answers ends its task; a failed tool has completed") {
    struct Row {
        const char* what;
        std::function<void(CallResponder&)> end;
        Status status;
        std::string outcome;
    };
    ObjectReport failed;
    failed.isObject = failed.isError = true;
    for (const Row& row :
         std::initializer_list<Row>{{"a result", [](CallResponder& to) { to.result(R"({"content":[]})", {}); },
                                     Status::completed, R"({"content":[]})"},
                                    {"a failure", [&](CallResponder& to) { to.result(R"({"isError":true})", failed); },
                                     Status::completed, R"({"isError":true})"},
                                    {"an error",
                                     [](CallResponder& to) {
                                         to.error({200, -32603, "a \"b\"", R"({"x":1})"});
                                     },
                                     Status::failed, R"({"code":-32603,"message":"a \"b\"","data":{"x":1}})"},
                                    {"an end", [](CallResponder& to) { to.end(nullptr); }, Status::cancelled, ""}}) {
        DYNAMIC_SECTION(row.what) {
            Fixture f;
            const auto task = f.open();
            const auto responder = taskResponder(f.tasks, task, "{}");
            CHECK_FALSE(responder->takesNotifications());
            responder->notify("{}");
            row.end(*responder);
            CHECK(task->status == row.status);
            CHECK(task->outcomeJson == row.outcome);
            CHECK(f.changes == std::vector<std::pair<std::string, Status>>{{task->id, row.status}});
        }
    }
}

TEST_CASE("a task that asks waits for its client, if that can be asked") {
    Fixture f;
    const auto task = f.open();
    const auto answers = std::make_shared<ClientAnswers>();
    bool resumed = false;
    const auto can = taskResponder(f.tasks, task, R"({"roots":{}})");
    CHECK(can->ask(roots, answers, [&](const std::string&) { resumed = true; }) == CallResponder::Asked::waiting);
    CHECK(task->status == Status::inputRequired);
    CHECK(task->inputRequests == Json{{"roots", {{"method", "roots/list"}, {"params", Json::object()}}}});
    task->resumed("");
    CHECK(resumed);

    const auto other = f.open();
    const auto cannot = taskResponder(f.tasks, other, "{}");
    CHECK(cannot->ask(roots, answers, nullptr) == CallResponder::Asked::refused);
    CHECK(other->status == Status::failed);
    CHECK(Json::parse(other->outcomeJson).at("code") == -32021);
}

TEST_CASE("a call that is under way ends with its task") {
    for (const bool expired : {true, false}) {
        DYNAMIC_SECTION((expired ? "its time is over" : "its identity is gone")) {
            CallSite site;
            site.holdCalls();
            TaskStore tasks(
                {1h, 1s, 10, 10}, site.thread.clock, [](const Task&) {}, site.budgets.taskResults);
            std::shared_ptr<Task> task;
            site.thread.on([&] {
                CallParts parts;
                parts.target.method = "tools/call";
                parts.request = site.request;
                parts.answers = std::make_shared<ClientAnswers>();
                task = tasks.open("alice");
                auto call = std::make_shared<RunningCall>(site.port, std::move(parts), nullptr, site.ended());
                task->call = call;
                call->beginAsTask(taskResponder(tasks, task, "{}"));
            });
            REQUIRE(site.latch.waitForArrivals(1));
            if (expired) site.thread.clock.turn(1h);
            site.thread.on([&] { expired ? tasks.expire() : tasks.identityGone("alice"); });
            CHECK(task->status == Status::cancelled);
            CHECK(site.ends == std::vector<std::string>{"cancelled by_client"});
            CHECK(site.factory.interruptedTimes(1));
            site.close();
            CHECK(site.factory.closed == 1);
        }
    }
}
