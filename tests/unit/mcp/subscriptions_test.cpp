#include "mcp/feature/subscriptions.hpp"

#include <catch2/catch.hpp>

#include "support/method_desk.hpp"
#include "support/parsed_text.hpp"
#include "support/stream_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

// The messages of a stream, without comments.
std::vector<Json> eventsOf(const FakeExchange& exchange) {
    std::vector<Json> out;
    const std::string begin = "data: ";
    for (std::size_t at = exchange.answer.find(begin); at != std::string::npos;
         at = exchange.answer.find(begin, at + 1)) {
        const std::size_t from = at + begin.size();
        out.push_back(Json::parse(exchange.answer.substr(from, exchange.answer.find('\n', from) - from)));
    }
    return out;
}

struct Fixture : StreamSite {
    Fixture() {
        thread.on([this] { subscriptions.addTo(desk.table); });
    }
    ~Fixture() {
        thread.on([this] { sessions.closeAll("alice"); });
    }
    std::shared_ptr<FakeExchange> listen(const std::string& notifications, const std::string& idText = "1",
                                         const std::string& who = "alice") {
        auto to = exchange();
        const ParsedText params(R"({"notifications":)" + notifications + "}");
        thread.on([&] {
            HttpResponseWriter writer(*to, {false, true});
            Message message;
            message.idText = idText;
            message.params = params.get();
            const RequestPtr request(new RequestContext{.caller = callerNamed(who),
                                                        .grants = std::make_shared<const Grants>(),
                                                        .peer = "",
                                                        .began = SteadyTime(),
                                                        .token = nullptr});
            MethodCall call{
                .writer = writer, .message = message, .request = request, .era = Era::modern, .form = {idText, ""}};
            outcome = subscriptions.listen(call, *to).outcome;
        });
        return to;
    }
    void publish(Change change, const std::string& uri = "") {
        thread.on([&] { subscriptions.publish(change, uri); });
        thread.settle();
    }
    void publishAll() {
        for (const Change change : {Change::tools, Change::prompts, Change::resources}) publish(change);
        for (const char* uri : {"test://a", "test://b"}) publish(Change::resource, uri);
    }
    SessionStore sessions{{10, 30min}, thread.clock, telemetry};
    Subscriptions subscriptions{{thread.loop, live, *streams, sessions, budgets.subscriptions}};
    MethodDesk desk;
    std::optional<Outcome> outcome;
};

std::vector<std::string> toldTo(const FakeExchange& exchange) {
    std::vector<std::string> out;
    for (const Json& event : eventsOf(exchange))
        out.push_back(event.value("method", "result") + " " + event.value("params", Json::object()).value("uri", ""));
    return out;
}

const std::string acknowledged = "notifications/subscriptions/acknowledged ";
using Told = std::vector<std::string>;

} // namespace

TEST_CASE("a listener hears what it asked for, after what was acknowledged, and nothing else") {
    struct Row {
        const char* asked;
        const char* honoured;
        Told told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"toolsListChanged":true})", R"({"toolsListChanged":true})", {"notifications/tools/list_changed "}},
             {R"({"promptsListChanged":true,"toolsListChanged":false})",
              R"({"promptsListChanged":true})",
              {"notifications/prompts/list_changed "}},
             {R"({"resourcesListChanged":true})",
              R"({"resourcesListChanged":true})",
              {"notifications/resources/list_changed "}},
             {R"({"resourceSubscriptions":["test://b",5,"test://c"]})",
              R"({"resourceSubscriptions":["test://b","test://c"]})",
              {"notifications/resources/updated test://b"}},
             {R"({"taskIds":["t"]})", R"({"taskIds":["t"]})", {}},
             {R"({"toolsListChanged":"true","resourceSubscriptions":[],"unknown":true})", "{}", {}},
             {"{}", "{}", {}},
             {"null", "{}", {}},
             {"[]", "{}", {}}}) {
        DYNAMIC_SECTION(row.asked) {
            Fixture f;
            const auto to = f.listen(row.asked, R"("s\u0031")");
            CHECK(f.outcome == Outcome::ok);
            CHECK(to->contentType == "text/event-stream");
            f.publishAll();
            Told told{acknowledged};
            told.insert(told.end(), row.told.begin(), row.told.end());
            CHECK(toldTo(*to) == told);
            CHECK(eventsOf(*to).at(0).at("params").at("notifications") == Json::parse(row.honoured));
            for (const Json& event : eventsOf(*to))
                CHECK(event.at("params").at("_meta") == Json{{"io.modelcontextprotocol/subscriptionId", "s1"}});
        }
    }
}

TEST_CASE("the subscription's id keeps its JSON type") {
    Fixture f;
    const auto to = f.listen(R"({"toolsListChanged":true})", "7");
    f.publish(Change::tools);
    f.thread.on([&] { f.streams->endAll(); });
    REQUIRE(eventsOf(*to).size() == 3);
    for (const Json& event : eventsOf(*to)) {
        const Json& holder = event.contains("params") ? event["params"] : event["result"];
        CHECK(holder.at("_meta").at("io.modelcontextprotocol/subscriptionId") == 7);
    }
}

TEST_CASE("a subscription that we end says so by its result") {
    for (const bool byToken : {true, false}) {
        DYNAMIC_SECTION((byToken ? "token" : "server")) {
            Fixture f;
            const auto to = f.listen("{}", R"("x")");
            if (byToken) f.revoke("alice");
            else f.thread.on([&] { f.streams->endAll(); });
            CHECK(to->finished);
            CHECK(f.subscriptions.size() == 0);
            CHECK(eventsOf(*to).back() ==
                  Json{{"jsonrpc", "2.0"},
                       {"id", "x"},
                       {"result",
                        {{"resultType", "complete"}, {"_meta", {{"io.modelcontextprotocol/subscriptionId", "x"}}}}}});
        }
    }
}

TEST_CASE("a listener that goes is forgotten") {
    Fixture f;
    const auto to = f.listen(R"({"toolsListChanged":true})");
    CHECK(f.subscriptions.size() == 1);
    f.thread.on([&] { to->goAway(); });
    CHECK(f.subscriptions.size() == 0);
    f.publish(Change::tools);
    CHECK(toldTo(*to) == Told{acknowledged});
}

TEST_CASE("a client may listen several times at once") {
    Fixture f;
    const auto a = f.listen(R"({"toolsListChanged":true})", "1"), b = f.listen(R"({"toolsListChanged":true})", "2");
    f.publish(Change::tools);
    CHECK(toldTo(*a).size() == 2);
    CHECK(toldTo(*b).size() == 2);
}

TEST_CASE("more listeners than one turn tells are all told once, those that leave in between are not") {
    Fixture f;
    std::vector<std::shared_ptr<FakeExchange>> all;
    for (std::size_t i = 0; i < 2 * Subscriptions::perTurn + 1; ++i)
        all.push_back(f.listen(R"({"toolsListChanged":true})", std::to_string(i)));
    const std::size_t first = f.thread.on([&] {
        f.subscriptions.publish(Change::tools, "");
        std::size_t told = 0;
        for (const auto& one : all) told += toldTo(*one).size() - 1;
        for (const auto& one : all)
            if (toldTo(*one).size() == 1) one->goAway();
        return told;
    });
    CHECK(first == Subscriptions::perTurn);
    f.thread.settle();
    std::size_t told = 0;
    for (const auto& one : all) told += toldTo(*one).size() - 1;
    CHECK(told == Subscriptions::perTurn);
    CHECK(f.subscriptions.size() == Subscriptions::perTurn);
    f.publish(Change::tools);
    told = 0;
    for (const auto& one : all) told += toldTo(*one).size() - 1;
    CHECK(told == 2 * Subscriptions::perTurn);

    for (std::size_t i = 0; i < Subscriptions::perTurn + 1; ++i)
        all.push_back(f.listen(R"({"promptsListChanged":true})", std::to_string(i)));
    f.publish(Change::prompts);
    for (std::size_t i = 0; i < Subscriptions::perTurn + 1; ++i)
        REQUIRE(toldTo(*all[all.size() - 1 - i]).back() == "notifications/prompts/list_changed ");
}

TEST_CASE("a listener may ask for so many resources") {
    Fixture f;
    Json uris = Json::array();
    for (std::size_t i = 0; i <= Subscriptions::maxResources; ++i) uris.push_back("test://" + std::to_string(i));
    const auto to = f.listen(Json{{"resourceSubscriptions", uris}, {"taskIds", uris}}.dump());
    const Json honoured = eventsOf(*to).at(0).at("params").at("notifications");
    CHECK(honoured.at("resourceSubscriptions").size() == Subscriptions::maxResources);
    CHECK(honoured.at("taskIds").size() == Subscriptions::maxResources);
}

TEST_CASE("a listener hears of no resource that the policy keeps from it, and is not told that it would") {
    const Policy policy(Settings(
        Json::parse(R"({"rules":[{"resources":["test://secret/*"],"scopes":["read:secret"]}]})"), "auth.policy"));
    Fixture f;
    Subscriptions guarded{{.loop = f.thread.loop,
                           .live = f.live,
                           .streams = *f.streams,
                           .sessions = f.sessions,
                           .budget = f.budgets.subscriptions,
                           .policy = &policy}};
    const ParsedText wanted(R"({"notifications":{"resourceSubscriptions":["test://a","test://secret/b"]}})");
    const auto to = f.exchange();
    f.thread.on([&] {
        HttpResponseWriter writer(*to, {false, true});
        Message message;
        message.idText = "1";
        message.params = wanted.get();
        const RequestPtr request(new RequestContext{.caller = callerNamed("alice"),
                                                    .grants = std::make_shared<const Grants>(),
                                                    .peer = "",
                                                    .began = SteadyTime(),
                                                    .token = nullptr});
        MethodCall call{
            .writer = writer, .message = message, .request = request, .era = Era::modern, .form = {"1", ""}};
        guarded.listen(call, *to);
        for (const char* uri : {"test://secret/b", "test://a"}) guarded.publish(Change::resource, uri);
    });
    f.thread.settle();
    CHECK(toldTo(*to) == Told{acknowledged, "notifications/resources/updated test://a"});
    CHECK(eventsOf(*to).at(0).at("params").at("notifications").at("resourceSubscriptions") == Json{"test://a"});
    f.thread.on([&] { f.streams->endAll(); });
}

TEST_CASE("a task is told of to those of its own identity that asked for it") {
    Fixture f;
    TaskStore tasks(
        {1h, 1s, 10, 10}, f.thread.clock, [&](const Task& task) { f.subscriptions.publishTask(task, tasks); },
        f.budgets.taskResults);
    const auto task = tasks.open("alice"), other = tasks.open("alice");
    const std::string wanted = R"({"taskIds":[")" + task->id + "\"]}";
    const auto mine = f.listen(wanted, "5"), foreign = f.listen(wanted, "1", "bob"), silent = f.listen("{}");
    f.thread.on([&] {
        tasks.setStatus(*other, Task::Status::completed);
        taskResponder(tasks, task, "{}")->result(R"({"content":[]})", {});
    });
    CHECK(toldTo(*mine) == Told{acknowledged, "notifications/tasks "});
    const Json params = eventsOf(*mine).back().at("params");
    CHECK(params.at("taskId") == task->id);
    CHECK(params.at("status") == "completed");
    CHECK(params.at("result") == Json{{"content", Json::array()}});
    CHECK(params.at("_meta").at("io.modelcontextprotocol/subscriptionId") == 5);
    CHECK(toldTo(*foreign) == Told{acknowledged});
    CHECK(toldTo(*silent) == Told{acknowledged});
}

// --- sessions

TEST_CASE("a session with a GET stream hears of changed lists, and of the resources that it subscribed to") {
    Fixture f;
    const auto get = f.exchange(), nobody = f.exchange();
    Session* session = nullptr;
    f.thread.on([&] {
        session = f.sessions.open("alice", "2025-11-25");
        f.sessions.open("alice", "2025-11-25"); // without a stream
        session->general(f.deps())->attach(*get, f.alice, 0);
        Asking asking{"resources/subscribe", R"({"uri":"test://a"})", false};
        asking.session = session;
        CHECK(f.desk.ask(asking)->result() == Json::object());
    });
    CHECK(f.budgets.subscriptions.used() > 0);
    f.publishAll();
    CHECK(toldTo(*get) == Told{"notifications/tools/list_changed ", "notifications/prompts/list_changed ",
                               "notifications/resources/list_changed ", "notifications/resources/updated test://a"});
    for (const Json& event : eventsOf(*get)) CHECK_FALSE(event.at("params").contains("_meta"));
    f.thread.on([&] {
        Asking asking{"resources/unsubscribe", R"({"uri":"test://a"})", false};
        asking.session = session;
        f.desk.ask(asking);
    });
    CHECK(f.budgets.subscriptions.used() == 0);
    f.publish(Change::resource, "test://a");
    CHECK(toldTo(*get).size() == 4);
}

TEST_CASE("a session subscribes to so many resources, each once") {
    Fixture f;
    Session& session = *f.sessions.open("alice", "2025-11-25");
    const auto subscribe = [&](const std::string& uri) {
        Asking asking{"resources/subscribe", Json{{"uri", uri}}.dump(), false};
        asking.session = &session;
        return f.desk.ask(asking);
    };
    for (std::size_t i = 0; i < Session::maxSubscriptions; ++i) subscribe("test://" + std::to_string(i));
    CHECK(session.subscribed.size() == Session::maxSubscriptions);
    CHECK(subscribe("test://more")->errorCode() == -32602);
    CHECK(subscribe("test://0")->result() == Json::object()); // it has that already
    CHECK(session.subscribed.size() == Session::maxSubscriptions);
}

TEST_CASE("subscribing needs a uri, and is for legacy clients; without a session it leaves nothing behind") {
    Fixture f;
    for (const char* method : {"resources/subscribe", "resources/unsubscribe"}) {
        for (const char* params : {"{}", R"({"uri":5})", R"({"uri":null})"})
            CHECK(f.desk.ask({method, params, false})->errorCode() == -32602);
        CHECK(f.desk.ask({method, R"({"uri":"test://a"})", false})->result() == Json::object());
        CHECK_FALSE(f.desk.table.find(method, Era::modern));
    }
}

// 100 URIs of 4 MB cost 437 MiB.
TEST_CASE("C: subscribed URIs have a length, and a budget that is given back") {
    Fixture f;
    const std::string uri(mcp::maxUriBytes + 1, 'u'), fits(mcp::maxUriBytes, 'u');
    const auto to = f.listen(Json{{"resourceSubscriptions", {uri, fits}}}.dump());
    const Json honoured = eventsOf(*to).at(0).at("params").at("notifications");
    CHECK(honoured.at("resourceSubscriptions") == Json{fits});
    CHECK(f.budgets.subscriptions.used() == fits.size() + Subscriptions::perEntry);
    f.revoke("alice");
    CHECK(f.budgets.subscriptions.used() == 0);
}
