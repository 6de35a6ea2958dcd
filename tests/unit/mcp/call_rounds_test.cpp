// A call that asks its client, or becomes a task.
#include <stdexcept>

#include <catch2/catch.hpp>

#include "mcp/call/task_store.hpp"
#include "support/call_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const std::string canAll = R"({"elicitation":{},"roots":{}})";
const std::string ada = R"({"action":"accept","content":{"name":"Ada"}})";
const std::string bob = R"({"action":"accept","content":{"name":"Bob"}})";
const Json nameForm = {{"properties", {{"name", {{"type", "string"}}}}}, {"required", {"name"}}};

// Its backend asks for two names, one after the other, and answers both.
class AskingCall : public CallSite {
public:
    explicit AskingCall(bool modern = false, const std::string& capabilities = canAll) {
        factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
            const UserAnswer first = context.askUser("first", "Who?", nameForm);
            const UserAnswer second = context.askUser("second", "And who else?", nameForm);
            return Result::text(first.content.at("name").get<std::string>() + " and " +
                                second.content.at("name").get<std::string>());
        };
        parts.target = {nullptr, "tools/call", "work", "", nullptr, false};
        parts.request = request;
        parts.answers = std::make_shared<ClientAnswers>();
        parts.clientCapabilitiesJson = capabilities;
        parts.era = modern ? Era::modern : Era::legacy;
        form = {"7", capabilities, "", false};
    }
    ~AskingCall() { finish(); }
    void finish() {
        latch.open();
        workers->stop();
        thread.settle();
        thread.on([this] {
            waiting.clear();
            call.reset();
        });
    }
    void make() {
        auto responder = parts.era == Era::modern
                             ? modernResponder(writer, form, [](const ClientAnswers&) { return "sealed"; })
                             : legacyResponder(writer, form, "s", asks);
        call = std::make_shared<RunningCall>(port, parts, std::move(responder), ended());
    }
    TokenHold hold() {
        return live.hold(alice, [this] { call->endWithToken(); });
    }
    void begin() {
        make();
        thread.on([this] { call->begin(hold()); });
    }
    bool waitForAsks(std::size_t count) {
        return waitUntil([&] { return writer->messages.size() >= count; });
    }
    void answer(std::size_t index, const std::string& result, const std::string& error = "") {
        thread.on([&] { asks.answer("s", Json::parse(writer->messages.at(index)).at("id").dump(), result, error); });
    }
    // Has asked its first question.
    void beginAndAsk() {
        begin();
        if (!waitForAsks(1)) throw std::runtime_error("nothing was asked");
    }
    std::string text() const { return writer->result().at("content").at(0).at("text"); }

    CallParts parts;
    WireForm form;
    PendingAsks asks;
    const std::shared_ptr<KeptResponseWriter> writer = KeptResponseWriter::make();
    std::shared_ptr<RunningCall> call;
};

using Ends = std::vector<std::string>;

} // namespace

TEST_CASE("a legacy client is asked round after round, each with a client object of its own") {
    AskingCall site;
    site.beginAndAsk();
    CHECK(site.factory.closed == 1); // nobody waits for the answer
    CHECK(Json::parse(site.writer->messages[0]).at("params").at("message") == "Who?");
    site.answer(0, ada);
    REQUIRE(site.waitForAsks(2));
    CHECK(Json::parse(site.writer->messages[1]).at("params").at("message") == "And who else?");
    site.answer(1, bob);
    REQUIRE(site.waitFor(site.writer));
    CHECK(site.text() == "Ada and Bob");
    CHECK(site.factory.created == 3);
    CHECK(site.factory.closed == 3);
    CHECK(site.ends == Ends{"ok "});
    CHECK(site.asks.size() == 0);
}

TEST_CASE("an error, or an answer of another shape, ends the call with a failure that the model can read") {
    for (const bool error : {true, false}) {
        AskingCall site;
        site.beginAndAsk();
        site.answer(0, error ? "" : "{}", error ? R"({"code":-1,"message":"rejected"})" : "");
        REQUIRE(site.waitFor(site.writer));
        CHECK(site.writer->result().at("isError") == true);
        CHECK(site.text().find(error ? "rejected" : "not what was asked for") != std::string::npos);
        CHECK(site.ends == Ends{"tool_error "});
        CHECK(site.factory.created == 1);
    }
}

TEST_CASE("a call that waits for its client can still end otherwise") {
    struct Row {
        const char* what;
        std::function<void(AskingCall&)> end;
        int status;
        const char* told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"deadline", [](AskingCall& site) { site.thread.turn(1s), site.thread.turn(10min); }, 200,
              "timeout deadline"},
             {"cancellation", [](AskingCall& site) { site.thread.on([&] { site.call->cancelByClient(); }); }, 202,
              "cancelled by_client"},
             {"token", [](AskingCall& site) { site.revokeAll(); }, 401, "cancelled token_ended"},
             {"going", [](AskingCall& site) { site.thread.on([&] { site.writer->goAway(); }); }, 0,
              "cancelled disconnected"}}) {
        DYNAMIC_SECTION(row.what) {
            AskingCall site;
            site.beginAndAsk();
            row.end(site);
            CHECK(site.writer->status == row.status);
            CHECK(site.ends == Ends{row.told});
            CHECK(site.asks.size() == 0);
            site.answer(0, ada);
            site.thread.settle();
            CHECK(site.factory.created == 1);
            CHECK(site.ends.size() == 1);
        }
    }
}

TEST_CASE("a person may take longer than a worker") {
    AskingCall site;
    site.beginAndAsk();
    site.thread.turn(5min);
    CHECK_FALSE(site.writer->isOver());
    site.answer(0, ada);
    REQUIRE(site.waitForAsks(2));
    CHECK(site.ends.empty());
}

TEST_CASE("a call whose only owner is its waiting goes with its end") {
    AskingCall site;
    site.beginAndAsk();
    std::weak_ptr<RunningCall> weak = site.call;
    site.thread.on([&] { site.call.reset(); });
    CHECK_FALSE(weak.expired());
    site.thread.on([&] { weak.lock()->cancelByClient(); });
    CHECK(site.waitUntil([&] { return weak.expired(); })); // the worker of its first round may still let go of it
}

TEST_CASE("a call that waits for its client when the server ends is freed") {
    std::weak_ptr<RunningCall> weak;
    {
        AskingCall site;
        site.beginAndAsk();
        weak = site.call;
    }
    CHECK(weak.expired());
}

TEST_CASE("a modern client is told what is needed, and the call is over") {
    AskingCall site(true);
    site.begin();
    REQUIRE(site.waitFor(site.writer));
    CHECK(site.writer->result().at("resultType") == "input_required");
    CHECK(site.writer->result().at("requestState") == "sealed");
    CHECK(site.ends == Ends{"ok input_required"});
}

TEST_CASE("answers that were offered before are not asked for") {
    AskingCall site(true);
    site.parts.answers->offer({{"first", Json::parse(ada)}, {"second", Json::parse(bob)}});
    site.begin();
    REQUIRE(site.waitFor(site.writer));
    CHECK(site.text() == "Ada and Bob");
    CHECK(site.factory.created == 3);
}

TEST_CASE("a client that cannot be asked is told so, in the words of its era") {
    AskingCall modern(true, "{}"), legacy(false, "{}");
    modern.begin();
    REQUIRE(modern.waitFor(modern.writer));
    CHECK(modern.writer->errorCode() == -32021);
    CHECK(modern.ends == Ends{"error client_cannot"});
    legacy.begin();
    REQUIRE(legacy.waitFor(legacy.writer));
    CHECK(legacy.writer->result().at("isError") == true);
    CHECK(legacy.ends == Ends{"error client_cannot"});
}

TEST_CASE("a call that asks without end is ended") {
    AskingCall site;
    site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
        const Json known = Json::parse(context.answersJson());
        throw InputRequired{{rootsList("k" + std::to_string(known.size()))}};
    };
    Json all;
    for (int i = 0; i < 100; ++i) all["k" + std::to_string(i)] = {{"roots", Json::array()}};
    site.parts.answers->offer(all);
    site.begin();
    REQUIRE(site.waitFor(site.writer));
    CHECK(site.writer->errorCode() == -32603);
    CHECK(site.factory.created == static_cast<int>(ClientAnswers::maxRounds) + 1);
    CHECK(site.log.text().find("too often") != std::string::npos);
}

TEST_CASE("a call that asks for nothing is an error of its backend") {
    AskingCall site;
    site.factory.call = [](const CallRequest&, CallContext&) -> CallOutcome { return InputRequired{}; };
    site.begin();
    REQUIRE(site.waitFor(site.writer));
    CHECK(site.ends == Ends{"error internal_error"});
}

TEST_CASE("a call may begin with what a round on the loop asked for") {
    AskingCall site;
    site.make();
    site.thread.on([&] { site.call->beginAsking(site.hold(), {{elicitation("first", "Who?", nameForm)}}); });
    CHECK(site.factory.created == 0);
    site.answer(0, ada);
    REQUIRE(site.waitForAsks(2));
    site.answer(1, bob);
    REQUIRE(site.waitFor(site.writer));
    CHECK(site.text() == "Ada and Bob");
}

// --- tasks

namespace {

// A call that says when it is a task, and then waits at the latch.
class TaskCall : public AskingCall {
public:
    TaskCall() : AskingCall(true) {
        parts.makeTask = [this](const std::shared_ptr<RunningCall>& running, CallResponder& caller) {
            ++made;
            if (!task) return std::unique_ptr<CallResponder>();
            task->call = running;
            caller.result(R"({"resultType":"task"})", {});
            return taskResponder(tasks, task, canAll);
        };
        factory.call = [this](const CallRequest&, CallContext& context) -> CallOutcome {
            context.becomeTask();
            context.becomeTask(); // it is one
            latch.pass();
            return Result::text("done");
        };
        factory.interrupt = [this] { latch.open(); };
    }
    ~TaskCall() { finish(); }
    void beginAndBecome() {
        begin();
        if (!latch.waitForArrivals(1)) throw std::runtime_error("the client was not called");
        thread.settle();
    }
    TaskStore tasks{{1h, 1s, 10, 10}, thread.clock, [](const Task&) {}, budgets.taskResults};
    std::shared_ptr<Task> task = tasks.open("alice");
    int made = 0;
};

} // namespace

TEST_CASE("a call that becomes a task tells its caller at once, and ends in the task") {
    TaskCall site;
    site.beginAndBecome();
    CHECK(site.writer->text.find(R"("resultType":"task")") != std::string::npos);
    CHECK(site.made == 1);
    CHECK(site.task->status == Task::Status::working);
    CHECK(site.ends.empty());
    site.latch.open();
    REQUIRE(site.waitUntil([&] { return site.task->isOver(); }));
    CHECK(site.task->status == Task::Status::completed);
    CHECK(site.task->outcomeJson.find("done") != std::string::npos);
    CHECK(site.writer->answers == 1);
    CHECK(site.ends == Ends{"ok "});
}

TEST_CASE("a task outlives its caller, its token and a call's deadline, but not its own") {
    TaskCall site;
    site.beginAndBecome();
    site.thread.on([&] { site.writer->goAway(); });
    site.revokeAll();
    site.thread.turn(1s);
    site.thread.turn(30min);
    CHECK(site.task->status == Task::Status::working);
    CHECK(site.factory.interrupted == 0);
    site.thread.turn(30min);
    CHECK(site.task->status == Task::Status::failed);
    CHECK(site.ends == Ends{"timeout deadline"});
    CHECK(site.factory.interruptedTimes(1));
}

TEST_CASE("a call that cannot be a task stays as it was") {
    for (const bool full : {true, false}) {
        TaskCall site;
        if (full) site.task = nullptr;
        else site.parts.makeTask = nullptr;
        site.beginAndBecome();
        CHECK_FALSE(site.writer->isOver());
        site.latch.open();
        REQUIRE(site.waitFor(site.writer));
        CHECK(site.text() == "done");
    }
}

TEST_CASE("a task asks its client through the task") {
    AskingCall site(true);
    TaskStore tasks(
        {1h, 1s, 10, 10}, site.thread.clock, [](const Task&) {}, site.budgets.taskResults);
    const auto task = tasks.open("alice");
    site.make();
    site.thread.on([&] { site.call->beginAsTask(taskResponder(tasks, task, canAll)); });
    const auto answer = [&](const char* key, const std::string& result) {
        if (!site.waitUntil([&] { return task->inputRequests.contains(key) && task->resumed; })) return;
        site.thread.on([&] {
            task->answers->accept(key, Json::parse(result));
            tasks.setStatus(*task, Task::Status::working);
            std::exchange(task->resumed, nullptr)("");
        });
    };
    answer("first", ada);
    answer("second", bob);
    REQUIRE(site.waitUntil([&] { return task->isOver(); }));
    CHECK(task->status == Task::Status::completed);
    CHECK(task->outcomeJson.find("Ada and Bob") != std::string::npos);
    CHECK_FALSE(site.writer->isOver());
}
