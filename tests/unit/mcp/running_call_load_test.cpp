// Workers that do not return, and callers that have their share of them.
#include "mcp/call/running_call.hpp"

#include <catch2/catch.hpp>

#include "support/one_call.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("C: a worker that does not return from a call that was ended counts as lost until it does") {
    OneCall site;
    site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        site.latch.pass();
        return Result::text("too late");
    };
    site.begin();
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] { site.call->cancelByClient(); });
    site.thread.turn(4s);
    CHECK(site.telemetry.gauges[Gauge::overdueWorkers] == 0);
    site.thread.turn(2s);
    CHECK(site.telemetry.gauges[Gauge::overdueWorkers] == 1);
    CHECK(site.budgets.calls.used() == 1); // it is still the caller's
    site.finish();
    CHECK(site.telemetry.gauges[Gauge::overdueWorkers] == 0);
    CHECK(site.budgets.calls.used() == 0);
}

TEST_CASE("C: a worker that is made up for is taken back when it returns after all") {
    struct Counting final : Executor {
        explicit Counting(Executor& real) : real_(real) {}
        bool submit(Job job) override { return real_.submit(std::move(job)); }
        void deliver(Job job) override { real_.deliver(std::move(job)); }
        void lost(int by) override {
            missing += by;
            real_.lost(by);
        }
        int missing = 0;

    private:
        Executor& real_;
    };
    OneCall site;
    Counting workers(*site.workers);
    const CallDeps deps{.factory = site.factory,
                        .telemetry = site.telemetry,
                        .log = site.log.log,
                        .loop = site.thread.loop,
                        .workers = workers,
                        .waiting = site.waiting,
                        .budgets = site.budgets,
                        .queue = site.queue,
                        .times = CallTimes{}};
    site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        site.latch.pass();
        return Result::text("too late");
    };
    const auto writer = KeptResponseWriter::make();
    CallParts parts;
    parts.target = site.call->parts().target;
    parts.request = site.request;
    parts.argumentsJson = "{}";
    parts.answers = std::make_shared<ClientAnswers>();
    auto slow = std::make_shared<RunningCall>(
        deps, std::move(parts), legacyResponder(writer, WireForm{"8", "{}", "", false}, "s", site.asks), site.ended());
    site.thread.on([&] { slow->begin(site.live.hold(site.alice, [] {})); });
    REQUIRE(site.latch.waitForArrivals(1));
    site.thread.on([&] { slow->cancelByClient(); });
    site.thread.turn(6s);
    CHECK(site.thread.on([&] { return workers.missing; }) == 1);
    site.latch.open();
    CHECK(site.waitUntil([&] { return workers.missing == 0; }));
    site.thread.on([&] { slow.reset(); });
}

TEST_CASE("C: a caller with its share of the workers waits for one of its own calls, and for no other's") {
    OneCall site;
    std::vector<Budget::Share> others;
    site.thread.on([&] {
        for (std::size_t i = 1; i < site.budgets.calls.limits().perIdentity; ++i)
            others.push_back(site.budgets.calls.reserve("alice", 1));
    });
    site.hold(); // the last of the share
    const auto writer = KeptResponseWriter::make();
    CallParts parts;
    parts.target = site.call->parts().target;
    parts.request = site.request;
    parts.argumentsJson = "{}";
    parts.answers = std::make_shared<ClientAnswers>();
    const auto waiting = std::make_shared<RunningCall>(
        site.port, std::move(parts), legacyResponder(writer, WireForm{"8", "{}", "", false}, "s", site.asks),
        site.ended());
    site.thread.on([&] { waiting->begin(site.live.hold(site.alice, [] {})); });
    site.thread.settle();
    CHECK(site.factory.calls == 1);
    SECTION("the first returns") {
        site.latch.open();
        CHECK(site.waitFor(writer));
        CHECK(site.factory.calls == 2);
    }
    SECTION("it is cancelled meanwhile, and never begins") {
        site.thread.on([&] { waiting->cancelByClient(); });
        CHECK(waiting.use_count() == 1); // it has left the queue
        site.latch.open();
        site.finish();
        CHECK(site.factory.calls == 1);
    }
    SECTION("its deadline passes while it waits") {
        site.thread.turn(1s);
        site.thread.turn(61s);
        CHECK(site.waitFor(writer));
    }
    site.thread.on([&] { others.clear(); });
}
