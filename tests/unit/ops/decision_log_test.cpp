#include "ops/decision_log.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "support/kept_log.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

AuditEvent refusal(std::string_view peer, std::string_view reason) {
    AuditEvent event;
    event.peer = peer;
    event.method = "POST";
    event.path = "/mcp";
    event.client = "node";
    event.outcome = Outcome::rejected;
    event.reason = reason;
    event.httpStatus = 401;
    return event;
}

std::size_t linesIn(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST_CASE("E03, U05: a refusal is told at once with who, where and why") {
    AuditEvent event = refusal("192.0.2.1", "insufficient_scope");
    event.subject = "alice";
    event.tokenId = "token-1";
    event.name = "write_file";
    event.detail = "needs write:data";
    event.httpStatus = 403;
    CHECK(decisionLine(event) ==
          "refused 403 insufficient_scope: peer 192.0.2.1, method \"POST\", name \"write_file\", path \"/mcp\", "
          "client \"node\", subject \"alice\", token \"token-1\": needs write:data");
}

TEST_CASE("E03: nobody writes a line of their own") {
    AuditEvent event = refusal("-", "no_token");
    const std::string evil = "x\"\n2026 info ok" + std::string(200, 'y');
    event.client = evil;
    const std::string line = decisionLine(event);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line.size() < 200);
}

TEST_CASE("U05: those that follow within a minute are counted and told together") {
    KeptLog log(LogLevel::info);
    TurnableClock clock;
    DecisionLog decisions(log.log, clock);
    for (int i = 0; i < 98; ++i) decisions.log(refusal("192.0.2.1", "unknown"));
    decisions.log(refusal("192.0.2.1", "expired"));
    decisions.log(refusal("192.0.2.2", "unknown"));
    CHECK(linesIn(log.text()) == 3);
    clock.turn(61s);
    decisions.expire();
    CHECK(linesIn(log.text()) == 4);
    CHECK(log.text().find("(97 times in the last minute)") != std::string::npos);
    clock.turn(61s);
    decisions.expire();
    decisions.log(refusal("192.0.2.1", "unknown"));
    CHECK(linesIn(log.text()) == 5);
}

TEST_CASE("U05: very many peers share one line") {
    KeptLog log(LogLevel::info);
    TurnableClock clock;
    DecisionLog decisions(log.log, clock);
    for (std::size_t i = 0; i < DecisionLog::maxPeers + 500; ++i)
        decisions.log(refusal("peer" + std::to_string(i), "unknown"));
    CHECK(linesIn(log.text()) == DecisionLog::maxPeers + 1);
    clock.turn(61s);
    decisions.expire();
    CHECK(log.text().find("(499 times in the last minute)") != std::string::npos);
}

TEST_CASE("E03: what was let in is told at level debug only, and there every refusal too") {
    AuditEvent ok = refusal("192.0.2.1", "");
    ok.outcome = Outcome::ok;
    ok.httpStatus = 200;
    for (const LogLevel level : {LogLevel::info, LogLevel::debug}) {
        KeptLog log(level);
        TurnableClock clock;
        DecisionLog decisions(log.log, clock);
        decisions.log(ok);
        decisions.log(refusal("192.0.2.1", "unknown"));
        decisions.log(refusal("192.0.2.1", "unknown"));
        CHECK(linesIn(log.text()) == (level == LogLevel::debug ? 3 : 1));
    }
}
