// The gate while somebody guesses, forges, or asks a validator that does not answer.
#include "auth/gate.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

// A stranger's forged token said "not to be kept", and from then on every token was asked for in parallel.
TEST_CASE("C: a refusal that holds for one request does not end the asking one at a time") {
    ScriptedGate site(false);
    site.validator.verdict = [](const TokenRequest& request) -> Verdict {
        if (request.token == "forged") return Rejected{Rejected::Reason::badSignature, "", {}, {}};
        return Accepted{identityNamed(std::string(request.token)), CachePolicy::forToken(), {}};
    };
    CHECK(site.status("forged") == 401);
    const int before = site.validator.asked;
    std::vector<std::shared_ptr<std::optional<GateAnswer>>> answers;
    for (int i = 0; i < 20; ++i) answers.push_back(site.ask("alice"));
    for (const auto& answer : answers) CHECK(site.statusOf(answer) == 200);
    CHECK(site.validator.asked == before + 1);
}

// An API key was guessed at 7,000 a second.
TEST_CASE("B7: refusals of a validator that runs inline count as well") {
    ScriptedGate site(true, 60);
    site.validator.verdict = [](const TokenRequest& request) -> Verdict {
        if (request.token == "right") return Accepted{identityNamed("right"), CachePolicy::forToken(), {}};
        return Rejected{Rejected::Reason::unknown, "", CachePolicy::forToken(), {}};
    };
    CHECK(site.status("right") == 200);
    int refused = 0;
    for (int i = 0; i < 100; ++i) refused += site.status("guess-" + std::to_string(i)) == 401 ? 1 : 0;
    CHECK(refused == 60);
    CHECK(site.status("another-guess") == 429);
    CHECK(site.status("right") == 200); // known already
    CHECK(site.status("right", "198.51.100.7") == 200);
}

TEST_CASE("C: a validator that does not return is 503 after its time, and its worker counts as lost") {
    GateOptions options;
    options.authentication.validationTime = 1s;
    ScriptedGate site(false, 600, options);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest& request) -> Verdict {
        latch.pass();
        return Accepted{identityNamed(std::string(request.token)), CachePolicy::forToken(), {}};
    };
    const auto answer = site.ask("alice");
    REQUIRE(latch.waitForArrivals(1));
    site.gate->authenticator().expire();
    CHECK_FALSE(answer->has_value());
    site.clock.turn(1s);
    site.gate->authenticator().expire();
    CHECK(site.statusOf(answer) == 503);
    CHECK(site.telemetry.gauges[Gauge::overdueWorkers] == 1);
    latch.open();
    CHECK(site.loop.runUntil([&] { return site.telemetry.gauges[Gauge::overdueWorkers] == 0; }));
    CHECK(site.status("alice") == 200);
}

TEST_CASE("C: one address has a share of the workers for its tokens") {
    GateOptions options;
    options.authentication.validations = {2, 3};
    ScriptedGate site(false, 600, options);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest& request) -> Verdict {
        latch.pass();
        return Accepted{identityNamed(std::string(request.token)), CachePolicy::forToken(), {}};
    };
    const auto a = site.ask("a"), b = site.ask("b");
    REQUIRE(latch.waitForArrivals(2));
    CHECK(site.status("c") == 503);
    const auto other = site.ask("d", "198.51.100.7");
    CHECK(site.status("e", "198.51.100.8") == 503); // all together
    latch.open();
    for (const auto& answer : {a, b, other}) CHECK(site.statusOf(answer) == 200);
    CHECK(site.telemetry.budgets["validations"] == 0);
}

TEST_CASE("C: a question that takes long keeps nothing of those that were answered after it") {
    ScriptedGate site(false);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest& request) -> Verdict {
        if (request.token == "slow") latch.pass();
        return Accepted{identityNamed(std::string(request.token)), CachePolicy::forToken(), {}};
    };
    const auto slow = site.ask("slow");
    REQUIRE(latch.waitForArrivals(1));
    auto shown = site.request("quick");
    const std::weak_ptr<const ShownRequest> kept = shown;
    bool answered = false;
    site.gate->admitLater(std::get<PendingAdmission>(site.gate->admit(shown->view())), shown,
                          [&](GateAnswer) { answered = true; });
    shown.reset();
    CHECK(site.loop.runUntil([&] { return answered; }));
    const auto until = std::chrono::steady_clock::now() + 20s; // its worker lets go a moment after its answer
    while (!kept.expired() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(kept.expired());
    latch.open();
    CHECK(site.statusOf(slow) == 200);
}
