// A protected route whose answer may block.
#include "handler/worker_handler.hpp"

#include <catch2/catch.hpp>

#include "http/router.hpp"

#include "support/fake_exchange.hpp"
#include "support/manual_loop.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

class Slow final : public WorkerHandler {
public:
    using WorkerHandler::WorkerHandler;
    WorkerAnswer answer(const WorkerRequest& request) override { return work(request); }
    std::function<WorkerAnswer(const WorkerRequest&)> work;
};

struct Site {
    explicit Site(BudgetLimits requests = {4, 8}, std::size_t threads = 8)
        : workers(WorkerPoolOptions{threads, 8, std::chrono::milliseconds(10'000)}, [](std::string_view) {}),
          budget("requests", requests, gated.telemetry), slow(*gated.gate,
                                                              WorkerHandlerDeps{.clock = gated.clock,
                                                                                .log = gated.log.log,
                                                                                .telemetry = gated.telemetry,
                                                                                .loop = thread.loop,
                                                                                .workers = workers,
                                                                                .requests = budget,
                                                                                .time = std::chrono::seconds(60)},
                                                              {http::HostGuard({}, {})}) {}
    ~Site() {
        latch.open();
        workers.stop();
        thread.settle();
        thread.stop();
    }
    FakeExchange& send(const std::string& who, const std::string& path = "/slow", const std::string& body = "") {
        exchanges.push_back(std::make_unique<FakeExchange>(thread.loop,
                                                           "POST " + path +
                                                               " HTTP/1.1\r\nHost: localhost\r\n"
                                                               "Authorization: Bearer " +
                                                               who,
                                                           body));
        FakeExchange& exchange = *exchanges.back();
        thread.on([&] {
            http::Router router{{"/slow/{id}", &slow}, {"/slow", &slow}};
            auto& head = const_cast<http::RequestHead&>(exchange.head());
            http::Handler* const handler = router.find(head);
            if (handler->onHead(exchange) == http::HeadAnswer::go) handler->onRequest(exchange);
        });
        return exchange;
    }
    bool waitFor(const FakeExchange& exchange) {
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (std::chrono::steady_clock::now() < until)
            if (thread.on([&] { return exchange.isOver(); })) return true;
        return false;
    }
    ScriptedGate gated;
    LoopThread thread;
    Latch latch;
    WorkerPool workers;
    Budget budget;
    Slow slow;
    std::vector<std::unique_ptr<FakeExchange>> exchanges;
};

} // namespace

TEST_CASE("a worker sees the caller, the parameters of the path and the body, and its answer goes out") {
    Site site;
    site.slow.work = [](const WorkerRequest& request) {
        return WorkerAnswer{.status = 201,
                            .contentType = "text/plain",
                            .body = request.context->caller->identity.subject + " " + request.method + " " +
                                    request.parameter("id") + " " + request.body + request.parameter("none"),
                            .headers = "X-Own: yes\r\n"};
    };
    auto& exchange = site.send("alice", "/slow/a%2Fb", "{}");
    REQUIRE(site.waitFor(exchange));
    CHECK(exchange.status == 201);
    CHECK(exchange.answer == "alice POST a/b {}");
    CHECK(exchange.contentType == "text/plain");
    CHECK(exchange.headers == "X-Own: yes\r\n");
}

TEST_CASE("what a worker throws is 500 and a line in the log; the client reads no word of it") {
    Site site;
    site.slow.work = [](const WorkerRequest&) -> WorkerAnswer { throw std::runtime_error("password=hunter2"); };
    auto& exchange = site.send("alice");
    REQUIRE(site.waitFor(exchange));
    CHECK(exchange.status == 500);
    CHECK(exchange.contentType == "application/problem+json");
    CHECK(exchange.answer.find("hunter2") == std::string::npos);
    CHECK(site.gated.log.text().find("POST /slow failed: password=hunter2") != std::string::npos);
}

TEST_CASE("one caller holds no more workers than its share, and gets it back") {
    Site site({1, 8});
    site.slow.work = [&](const WorkerRequest&) {
        site.latch.pass();
        return WorkerAnswer{};
    };
    auto& first = site.send("alice");
    auto& second = site.send("alice");
    CHECK(second.status == 429);
    CHECK(second.headers == "Retry-After: 1\r\n");
    auto& other = site.send("bob");
    site.latch.open();
    REQUIRE((site.waitFor(first) && site.waitFor(other)));
    site.thread.settle();
    auto& again = site.send("alice");
    REQUIRE(site.waitFor(again));
    CHECK(again.status == 200);
}

TEST_CASE("the share comes back when the peer has gone before the answer") {
    Site site({1, 8});
    site.slow.work = [&](const WorkerRequest&) {
        site.latch.pass();
        return WorkerAnswer{};
    };
    auto& first = site.send("alice");
    site.thread.on([&] { first.abort(); });
    site.latch.open();
    const auto until = std::chrono::steady_clock::now() + longWait;
    while (site.thread.on([&] { return site.budget.used(); }) > 0 && std::chrono::steady_clock::now() < until) continue;
    CHECK(site.budget.used() == 0);
}

TEST_CASE("a path that is not encoded correctly is 400, before a worker is asked") {
    Site site;
    site.slow.work = [](const WorkerRequest&) { return WorkerAnswer{}; };
    CHECK(site.send("alice", "/slow/%zz").status == 400);
    CHECK(site.send("alice", "/slow/%zz").contentType == "application/problem+json");
}

TEST_CASE("without a free worker the answer is 503 with Retry-After") {
    Site site;
    site.workers.stop();
    auto& exchange = site.send("alice");
    CHECK(exchange.status == 503);
    CHECK(exchange.headers == "Retry-After: 1\r\n");
}

TEST_CASE("what is thrown and is no std::exception is answered, and its share comes back") {
    Site site({1, 8});
    site.slow.work = [](const WorkerRequest&) -> WorkerAnswer { throw 42; };
    for (int i = 0; i < 2; ++i) {
        auto& exchange = site.send("alice");
        REQUIRE(site.waitFor(exchange));
        CHECK(exchange.status == 500);
        site.thread.settle();
    }
}

TEST_CASE("a caller whose token ends is let go, and its request does not begin when it had not") {
    Site site({8, 8}, 1); // one worker
    std::atomic<int> begun{0};
    site.slow.work = [&](const WorkerRequest&) {
        ++begun;
        site.latch.pass();
        return WorkerAnswer{};
    };
    auto& first = site.send("bob");
    REQUIRE(site.latch.waitForArrivals(1));
    auto& second = site.send("alice");
    site.thread.on([&] { site.gated.gate->authenticator().tokensGone({"alice"}); });
    REQUIRE(site.waitFor(second));
    CHECK(second.status == 401);
    site.latch.open();
    REQUIRE(site.waitFor(first));
    site.workers.stop();
    CHECK(begun == 1);
    CHECK(site.gated.telemetry.decisions.front() == "cancelled revoked");
}

TEST_CASE("a request that takes too long is 504, its worker lost until it returns") {
    Site site;
    site.slow.work = [&](const WorkerRequest&) {
        site.latch.pass();
        return WorkerAnswer{};
    };
    auto& exchange = site.send("alice");
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.turn(std::chrono::seconds(61));
    REQUIRE(site.waitFor(exchange));
    CHECK(exchange.status == 504);
    site.thread.on([&] { exchange.goAway(); }); // which is no second end
    CHECK(site.gated.telemetry.gauges[Gauge::overdueWorkers] == 1);
    site.latch.open();
    site.workers.stop();
    site.thread.settle();
    CHECK(site.gated.telemetry.gauges[Gauge::overdueWorkers] == 0);
    CHECK(site.budget.used() == 0);
    CHECK(site.gated.telemetry.decisions == std::vector<std::string>{"timeout deadline"});
}

TEST_CASE("a peer that goes is told to the audit, and no answer after it") {
    Site site;
    site.slow.work = [&](const WorkerRequest&) {
        site.latch.pass();
        return WorkerAnswer{};
    };
    auto& exchange = site.send("alice");
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] { exchange.goAway(); });
    site.latch.open();
    site.workers.stop();
    site.thread.settle();
    CHECK(site.gated.telemetry.decisions == std::vector<std::string>{"cancelled disconnected"});
}

TEST_CASE("a path that climbs, or holds a NUL, reaches no worker") {
    Site site;
    site.slow.work = [](const WorkerRequest&) { return WorkerAnswer{}; };
    for (const char* path : {"/slow/%2e%2e", "/slow/a%2F..%2Fb", "/slow/%00", "/slow/.."})
        CHECK(site.send("alice", path).status == 400);
}

TEST_CASE("a status that is none becomes 500") {
    Site site;
    site.slow.work = [](const WorkerRequest&) { return WorkerAnswer{.status = 42}; };
    auto& exchange = site.send("alice");
    REQUIRE(site.waitFor(exchange));
    CHECK(exchange.status == 500);
}
