#include "mcp/call/fallback_client.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "mcp/call/client_lease.hpp"
#include "support/counting_telemetry.hpp"
#include "support/scripted_factory.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

class QuietContext final : public CallContext {
public:
    bool cancelled() const override { return false; }
    void progress(double, std::optional<double>, std::string_view) override {}
};

CallerPtr fallbackCaller() {
    auto caller = std::make_shared<Caller>(*callerNamed("fallback"));
    caller->origin = Caller::Origin::fallback;
    return caller;
}

} // namespace

TEST_CASE("one client is made at the start, with the token, and lent to every request") {
    ScriptedFactory backend;
    {
        FallbackClient fallback(backend, identityNamed("fallback"), "the-token");
        CHECK(backend.created == 1);
        CHECK(backend.bearer == "the-token");
        for (int i = 0; i < 3; ++i) {
            QuietContext context;
            const auto lent = fallback.createClient(identityNamed("anybody"), {});
            lent->call({}, context);
            lent->interrupt();
        }
        CHECK(backend.created == 1);
        CHECK(backend.calls == 3);
        CHECK(backend.closed == 0);
        CHECK(backend.interrupted == 0);
    }
    CHECK(backend.closed == 1);
    CHECK(backend.closedInside == 0);
}

TEST_CASE("the lease of a lent client neither closes it, nor interrupts it, nor counts it") {
    ScriptedFactory backend;
    CountingTelemetry telemetry;
    FallbackClient fallback(backend, identityNamed("fallback"), "t");
    {
        InterruptPoint point;
        const ClientLease lease(fallback, *fallbackCaller(), {}, point, telemetry);
        point.interrupt();
    }
    CHECK(backend.closed == 0);
    CHECK(backend.interrupted == 0);
    CHECK(telemetry.counters[Counter::clientsCreated] == 0);
    CHECK(telemetry.counters[Counter::clientsClosed] == 0);
    CHECK(telemetry.gauges[Gauge::openClients] == 0);
}

TEST_CASE("a backend that makes no client for it is told at the start") {
    ScriptedFactory backend;
    backend.make = [](const Identity&) { return std::unique_ptr<Client>(); };
    CHECK_THROWS_WITH(FallbackClient(backend, identityNamed("fallback"), "t"),
                      "auth.fallback: the backend made no client");
    backend.make = [](const Identity&) -> std::unique_ptr<Client> { throw std::runtime_error("no room"); };
    CHECK_THROWS_WITH(FallbackClient(backend, identityNamed("fallback"), "t"), "no room");
    backend.make = [](const Identity&) -> std::unique_ptr<Client> { throw CallError{-32050, "busy", ""}; };
    CHECK_THROWS_WITH(FallbackClient(backend, identityNamed("fallback"), "t"), "auth.fallback: busy");
}
