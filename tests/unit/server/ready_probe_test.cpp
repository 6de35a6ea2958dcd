// What /ready says, and what the log says of it. With a real server: server_test.cpp.
#include "server/ready_probe.hpp"

#include <catch2/catch.hpp>

#include "base/silent_telemetry.hpp"
#include "support/kept_log.hpp"
#include "support/scripted_factory.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Moody final : Backend {
    std::vector<Tool> tools() const override { return {}; }
    std::unique_ptr<Client> createClient(const Identity&, const Credentials&) override { return nullptr; }
    std::string notReady() const override { return cause; }
    std::string cause;
};

} // namespace

TEST_CASE("a cause is logged once, and again when it changes or is over; callers never read it") {
    TurnableClock clock;
    KeptLog log;
    SilentTelemetry telemetry;
    const Config config;
    ValidatorRuntime validators(config, {"/nowhere", "gatehouse", nullptr}, clock, log.log, telemetry,
                                {[](std::string_view) {}, [](Change, std::string_view) {}});
    Moody backend;
    ReadyProbe readiness(validators, backend, log.log);
    CHECK(readiness.answer().status == 200);
    backend.cause = "the database is away";
    for (int i = 0; i < 3; ++i) CHECK(readiness.answer().status == 503);
    CHECK(readiness.answer().body.find("database") == std::string::npos);
    backend.cause.clear();
    CHECK(readiness.answer().body == R"({"status":"ready"})");
    log.log.flush();
    const std::string text = log.text();
    CHECK(text.find("the database is away") == text.rfind("the database is away"));
    CHECK(text.find("/ready: backend: ready again") != std::string::npos);
}

TEST_CASE("a server that stops is unready, and knows that it had begun") {
    TurnableClock clock;
    KeptLog log;
    SilentTelemetry telemetry;
    const Config config;
    ValidatorRuntime validators(config, {"/nowhere", "gatehouse", nullptr}, clock, log.log, telemetry,
                                {[](std::string_view) {}, [](Change, std::string_view) {}});
    Moody backend;
    ReadyProbe readiness(validators, backend, log.log);
    CHECK_FALSE(readiness.beginStopping());
    CHECK(readiness.beginStopping());
    CHECK(readiness.answer().body == R"({"status":"stopping"})");
}

TEST_CASE("health names the server and its version") {
    CHECK(healthAnswer().body.find(R"("server":"gatehouse","version":")") != std::string::npos);
}
