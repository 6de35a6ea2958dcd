#include "mcp/call/client_lease.hpp"

#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "support/counting_telemetry.hpp"
#include "support/manual_loop.hpp"
#include "support/scripted_factory.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

const CallerPtr alice = callerNamed("alice");

class QuietContext final : public CallContext {
public:
    bool cancelled() const override { return false; }
    void progress(double, std::optional<double>, std::string_view) override {}
};

} // namespace

TEST_CASE("a client is closed once when its lease ends, and counted") {
    ScriptedFactory factory;
    CountingTelemetry telemetry;
    InterruptPoint point;
    {
        QuietContext context;
        const ClientLease lease(factory, *alice, Credentials{}, point, telemetry);
        (*lease).call({}, context);
        CHECK(telemetry.gauges[Gauge::openClients] == 1);
        CHECK(factory.closed == 0);
    }
    CHECK(factory.closed == 1);
    CHECK(telemetry.gauges[Gauge::openClients] == 0);
    CHECK(telemetry.counters[Counter::clientsCreated] == 1);
    CHECK(telemetry.counters[Counter::clientsClosed] == 1);
}

TEST_CASE("a client is closed once also when its call throws") {
    ScriptedFactory factory;
    factory.call = [](const CallRequest&, CallContext&) -> CallOutcome { throw 42; };
    CountingTelemetry telemetry;
    InterruptPoint point;
    try {
        QuietContext context;
        const ClientLease lease(factory, *alice, Credentials{}, point, telemetry);
        (*lease).call({}, context);
    } catch (int) {
    }
    CHECK(factory.closed == 1);
    CHECK(telemetry.gauges[Gauge::openClients] == 0);
}

TEST_CASE("without a client there is nothing to close or count") {
    ScriptedFactory factory;
    CountingTelemetry telemetry;
    InterruptPoint point;
    factory.make = [](const Identity&) -> std::unique_ptr<Client> { throw std::runtime_error("no room"); };
    CHECK_THROWS_WITH(ClientLease(factory, *alice, Credentials{}, point, telemetry), "no room");
    factory.make = [](const Identity&) { return std::unique_ptr<Client>(); };
    CHECK_THROWS_AS(ClientLease(factory, *alice, Credentials{}, point, telemetry), std::runtime_error);
    CHECK(telemetry.counters[Counter::clientsCreated] == 0);
    CHECK(telemetry.gauges[Gauge::openClients] == 0);
    point.interrupt(); // meets nobody
}

TEST_CASE("the factory is told for whom") {
    ScriptedFactory factory;
    CountingTelemetry telemetry;
    InterruptPoint point;
    std::string seen;
    factory.make = [&](const Identity& identity) -> std::unique_ptr<Client> {
        seen = identity.isolationKey;
        return nullptr;
    };
    CHECK_THROWS(ClientLease(factory, *alice, Credentials{}, point, telemetry));
    CHECK(seen == "alice");
}

TEST_CASE("an interrupt reaches the client while it is there, and only then") {
    ScriptedFactory factory;
    CountingTelemetry telemetry;
    InterruptPoint point;
    SECTION("before it is made: as soon as it is") {
        point.interrupt();
        const ClientLease lease(factory, *alice, Credentials{}, point, telemetry);
        CHECK(factory.interrupted == 1);
    }
    SECTION("while it runs, each time") {
        const ClientLease lease(factory, *alice, Credentials{}, point, telemetry);
        CHECK(factory.interrupted == 0);
        point.interrupt();
        point.interrupt();
        CHECK(factory.interrupted == 2);
    }
    SECTION("after it was closed: never") {
        { const ClientLease lease(factory, *alice, Credentials{}, point, telemetry); }
        point.interrupt();
        CHECK(factory.interrupted == 0);
    }
    CHECK(factory.closedInside == 0);
}

TEST_CASE("a client is not closed while an interrupt is inside of it") {
    ScriptedFactory factory;
    CountingTelemetry telemetry;
    InterruptPoint point;
    Latch inside;
    factory.interrupt = [&] { inside.pass(); };
    auto lease = std::make_unique<ClientLease>(factory, *alice, Credentials{}, point, telemetry);
    std::thread interrupting([&] { point.interrupt(); });
    REQUIRE(inside.waitForArrivals(1));
    Latch begun;
    std::thread closing([&] {
        begun.open();
        lease.reset();
    });
    begun.pass();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield(); // a wrong close would come now
    CHECK(factory.closed == 0);
    inside.open();
    interrupting.join();
    closing.join();
    CHECK(factory.closed == 1);
    CHECK(factory.closedInside == 0);
}

TEST_CASE("interrupts from many threads never meet a closed client") {
    ScriptedFactory factory;
    CountingTelemetry telemetry;
    for (int round = 0; round < 200; ++round) {
        InterruptPoint point;
        std::vector<std::thread> threads;
        for (int t = 0; t < 3; ++t) threads.emplace_back([&] { point.interrupt(); });
        { const ClientLease lease(factory, *alice, Credentials{}, point, telemetry); }
        for (auto& thread : threads) thread.join();
    }
    CHECK(factory.closed == 200);
    CHECK(factory.closedInside == 0);
}
