#include "ops/metrics.hpp"

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

#include "ops/server_telemetry.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

bool hasLine(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

AuditEvent call(std::string_view method, Outcome outcome, std::chrono::nanoseconds took = 1ms) {
    AuditEvent event{};
    event.method = method;
    event.outcome = outcome;
    event.took = took;
    return event;
}

} // namespace

TEST_CASE("before the first request every gauge and tally is there, at zero") {
    const Metrics metrics;
    const std::string text = metrics.text();
    for (const char* name :
         {"gatehouse_connections", "gatehouse_event_streams", "gatehouse_open_clients", "gatehouse_sessions",
          "gatehouse_live_tokens", "gatehouse_worker_threads", "gatehouse_token_reloads_total",
          "gatehouse_token_reload_failures_total", "gatehouse_overloaded_total", "gatehouse_loop_stalls_total",
          "gatehouse_clients_created_total", "gatehouse_clients_closed_total",
          "gatehouse_dropped_lines{where=\"audit\"}", "gatehouse_dropped_lines{where=\"log\"}"}) {
        INFO(name);
        CHECK(hasLine(text, std::string(name) + " 0"));
    }
    CHECK(text.find("unknown") == std::string::npos);
    CHECK(hasLine(text, "# TYPE gatehouse_connections gauge"));
    CHECK(hasLine(text, "# TYPE gatehouse_token_reloads_total counter"));
}

TEST_CASE("requests are counted by method and outcome, and timed") {
    Metrics metrics;
    metrics.name({"tools/call", "tools/list", "ping"});
    metrics.decided(call("tools/call", Outcome::ok, 3ms));
    metrics.decided(call("tools/call", Outcome::ok, 200ms));
    metrics.decided(call("tools/call", Outcome::toolError));
    const std::string text = metrics.text();
    CHECK(hasLine(text, R"(gatehouse_requests_total{method="tools/call",outcome="ok"} 2)"));
    CHECK(hasLine(text, R"(gatehouse_requests_total{method="tools/call",outcome="tool_error"} 1)"));
    CHECK(hasLine(text, R"(gatehouse_request_seconds_count{method="tools/call",outcome="ok"} 2)"));
    CHECK(hasLine(text, R"(gatehouse_request_seconds_bucket{method="tools/call",outcome="ok",le="0.0025"} 0)"));
    CHECK(hasLine(text, R"(gatehouse_request_seconds_bucket{method="tools/call",outcome="ok",le="0.005"} 1)"));
    CHECK(hasLine(text, R"(gatehouse_request_seconds_bucket{method="tools/call",outcome="ok",le="+Inf"} 2)"));
}

TEST_CASE("E10: known methods have labels of their own, all others share one") {
    for (const char* method : {"initialize",
                               "ping",
                               "server/discover",
                               "tools/list",
                               "tools/call",
                               "notifications/initialized",
                               "GET",
                               "DELETE",
                               "POST",
                               "completion/complete",
                               "logging/setLevel",
                               "notifications/cancelled",
                               "prompts/get",
                               "prompts/list",
                               "resources/list",
                               "resources/read",
                               "resources/subscribe",
                               "resources/templates/list",
                               "resources/unsubscribe",
                               "subscriptions/listen",
                               "tasks/cancel",
                               "tasks/get",
                               "tasks/update"}) {
        DYNAMIC_SECTION(method) {
            Metrics metrics;
            metrics.name({"initialize", "ping", "server/discover", "tools/list", "tools/call", "completion/complete",
                          "logging/setLevel", "prompts/get", "prompts/list", "resources/list", "resources/read",
                          "resources/subscribe", "resources/templates/list", "resources/unsubscribe",
                          "subscriptions/listen", "tasks/cancel", "tasks/get", "tasks/update"});
            metrics.decided(call(method, Outcome::ok));
            CHECK(hasLine(metrics.text(),
                          "gatehouse_requests_total{method=\"" + std::string(method) + "\",outcome=\"ok\"} 1"));
        }
    }
    Metrics metrics;
    metrics.name({"tools/call", "tools/list", "ping"});
    for (const char* method : {"", "tools/CALL", "resources/READ", "x\"} 1\nforged 1"})
        metrics.decided(call(method, Outcome::ok));
    for (int i = 0; i < 1000; ++i) metrics.decided(call("made/up/" + std::to_string(i), Outcome::ok));
    const std::string text = metrics.text();
    CHECK(hasLine(text, R"(gatehouse_requests_total{method="other",outcome="ok"} 1004)"));
    CHECK(text.find("made/up") == std::string::npos);
    CHECK(text.find("forged") == std::string::npos);
}

TEST_CASE("no token, subject, tool or address becomes a label") {
    Metrics metrics;
    metrics.name({"tools/call", "tools/list", "ping"});
    AuditEvent event = call("tools/call", Outcome::ok);
    event.peer = "10.9.8.7";
    event.subject = "alice";
    event.tokenId = "token-1234567890";
    event.name = "query_database";
    metrics.decided(event);
    for (const char* secret : {"10.9.8.7", "alice", "token-1234567890", "query_database"})
        CHECK(metrics.text().find(secret) == std::string::npos);
}

TEST_CASE("answers of validators are counted") {
    Metrics metrics;
    metrics.name({"tools/call", "tools/list", "ping"});
    metrics.judged("static_file", "reject", "unknown");
    metrics.judged("static_file", "reject", "unknown");
    metrics.judged("static_file", "accept", "");
    CHECK(hasLine(metrics.text(),
                  R"(gatehouse_verdicts_total{outcome="reject",reason="unknown",validator="static_file"} 2)"));
    CHECK(metrics.text().find(R"(outcome="accept")") != std::string::npos);
}

TEST_CASE("gauges go up and down, counters only up, each by itself") {
    Metrics metrics;
    metrics.name({"tools/call", "tools/list", "ping"});
    const std::vector<std::pair<Gauge, const char*>> gauges{
        {Gauge::connections, "gatehouse_connections"},    {Gauge::eventStreams, "gatehouse_event_streams"},
        {Gauge::openClients, "gatehouse_open_clients"},   {Gauge::sessions, "gatehouse_sessions"},
        {Gauge::liveIdentities, "gatehouse_live_tokens"}, {Gauge::workerThreads, "gatehouse_worker_threads"}};
    const std::vector<std::pair<Counter, const char*>> counters{
        {Counter::tokenReloads, "gatehouse_token_reloads_total"},
        {Counter::tokenReloadFailures, "gatehouse_token_reload_failures_total"},
        {Counter::overloaded, "gatehouse_overloaded_total"},
        {Counter::loopStalls, "gatehouse_loop_stalls_total"},
        {Counter::clientsCreated, "gatehouse_clients_created_total"},
        {Counter::clientsClosed, "gatehouse_clients_closed_total"}};
    int amount = 10;
    for (const auto& [gauge, name] : gauges) metrics.changed(gauge, amount++);
    for (const auto& [gauge, name] : gauges) metrics.changed(gauge, -3);
    for (std::size_t i = 0; i < counters.size(); ++i)
        for (std::size_t times = 0; times <= i; ++times) metrics.counted(counters[i].first);
    metrics.setDropped(5, 6);
    const std::string text = metrics.text();
    amount = 10;
    for (const auto& [gauge, name] : gauges)
        CHECK(hasLine(text, std::string(name) + " " + std::to_string(amount++ - 3)));
    for (std::size_t i = 0; i < counters.size(); ++i)
        CHECK(hasLine(text, std::string(counters[i].second) + " " + std::to_string(i + 1)));
    CHECK(hasLine(text, R"(gatehouse_dropped_lines{where="audit"} 5)"));
    CHECK(hasLine(text, R"(gatehouse_dropped_lines{where="log"} 6)"));
}

TEST_CASE("counting from many threads loses nothing") {
    Metrics metrics;
    metrics.name({"tools/call", "tools/list", "ping"});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&metrics] {
            for (int i = 0; i < 1000; ++i) {
                metrics.decided(call(i % 2 == 0 ? "ping" : "nobody/knows", Outcome::ok));
                metrics.counted(Counter::overloaded);
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(hasLine(metrics.text(), R"(gatehouse_requests_total{method="ping",outcome="ok"} 2000)"));
    CHECK(hasLine(metrics.text(), R"(gatehouse_requests_total{method="other",outcome="ok"} 2000)"));
    CHECK(hasLine(metrics.text(), "gatehouse_overloaded_total 4000"));
}

TEST_CASE("operations count and audit the same event") {
    const test::ScratchFolder folder;
    const test::TurnableClock clock;
    {
        Log log(-1, LogLevel::error);
        ServerTelemetry telemetry(folder.file("audit.jsonl"), clock, log);
        telemetry.nameMethods({"ping"});
        telemetry.decided(call("ping", Outcome::ok));
        telemetry.judged("v", "accept", "");
        telemetry.changed(Gauge::sessions, 2);
        telemetry.counted(Counter::tokenReloads);
        const std::string text = telemetry.metricsText(9);
        CHECK(hasLine(text, R"(gatehouse_requests_total{method="ping",outcome="ok"} 1)"));
        CHECK(hasLine(text, "gatehouse_sessions 2"));
        CHECK(hasLine(text, "gatehouse_token_reloads_total 1"));
        CHECK(hasLine(text, R"(gatehouse_dropped_lines{where="log"} 9)"));
        CHECK(hasLine(text, R"(gatehouse_dropped_lines{where="audit"} 0)"));
        CHECK(text.find("gatehouse_verdicts_total") != std::string::npos);
    }
    CHECK(test::readText(folder.file("audit.jsonl")).find(R"("method":"ping")") != std::string::npos);
}
