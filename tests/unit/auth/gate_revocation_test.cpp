// What a revocation ends: kept verdicts, calls under way, and verdicts that are being reached just then.
#include "auth/gate.hpp"

#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

// Two tokens of one identity would have this key.
Accepted acceptedAs(const std::string& tokenId, const std::string& key) {
    Identity identity = identityNamed(tokenId);
    identity.isolationKey = key;
    return {identity, CachePolicy::forToken()};
}

} // namespace

TEST_CASE("a revoked token is asked for again, another is not") {
    ScriptedGate site;
    site.status("a");
    site.status("b");
    site.gate->authenticator().tokensGone({"a"});
    CHECK(site.status("b") == 200);
    CHECK(site.validator.asked == 2);
    site.validator.verdict = [](const TokenRequest&) { return Rejected{Rejected::Reason::revoked, "", {}}; };
    CHECK(site.status("a") == 401);
}

TEST_CASE("what hangs on a revoked token ends, and its identity is gone") {
    ScriptedGate site;
    const auto a = callerIn(**site.ask("a")), b = callerIn(**site.ask("b"));
    int aEnded = 0, bEnded = 0;
    const TokenHold ofA = site.gate->authenticator().live().hold(a, [&] { ++aEnded; }),
                    ofB = site.gate->authenticator().live().hold(b, [&] { ++bEnded; });
    site.gate->authenticator().tokensGone({"a", "unknown"});
    CHECK(aEnded == 1);
    CHECK(bEnded == 0);
    CHECK(site.gone == std::vector<std::string>{"a"});
}

TEST_CASE("a token that was refused and is added later is let in at once") {
    ScriptedGate site;
    site.validator.verdict = [](const TokenRequest&) {
        return Rejected{Rejected::Reason::unknown, "", CachePolicy::forToken()};
    };
    CHECK(site.status("a") == 401);
    site.validator.verdict = nullptr;
    CHECK(site.status("a") == 401);            // kept
    site.gate->authenticator().tokensGone({}); // the file has changed; nothing went
    CHECK(site.status("a") == 200);
}

TEST_CASE("dropping the verdicts of an identity ends all its tokens; of everybody, everything") {
    struct Row {
        const char* what;
        const char* key;
        int asked; // after three tokens were shown twice
        std::size_t live;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"one identity", "alice", 5, 1}, {"another identity", "carol", 3, 3}, {"everybody", "", 6, 0}}) {
        DYNAMIC_SECTION(row.what) {
            ScriptedGate site;
            site.validator.verdict = [](const TokenRequest& request) {
                return acceptedAs(std::string(request.token), request.token == "b1" ? "bob" : "alice");
            };
            for (const char* token : {"a1", "a2", "b1"}) site.status(token);
            site.gate->authenticator().dropVerdicts(row.key);
            CHECK(site.gate->authenticator().live().size() == row.live);
            for (const char* token : {"a1", "a2", "b1"}) CHECK(site.status(token) == 200);
            CHECK(site.validator.asked == row.asked);
        }
    }
}

TEST_CASE("a token that is revoked while it is being checked is refused, whatever the validator says") {
    struct Row {
        const char* what;
        std::function<void(Gate&)> revoke;
        int status;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"its id",
              [](Gate& gate) {
                  gate.authenticator().tokensGone({"x", "a"});
              },
              401},
             {"its identity", [](Gate& gate) { gate.authenticator().dropVerdicts("alice"); }, 401},
             {"everybody", [](Gate& gate) { gate.authenticator().dropVerdicts(""); }, 401},
             {"another id", [](Gate& gate) { gate.authenticator().tokensGone({"b"}); }, 200},
             {"another identity", [](Gate& gate) { gate.authenticator().dropVerdicts("bob"); }, 200},
             {"a change of the file without a loss", [](Gate& gate) { gate.authenticator().tokensGone({}); }, 200}}) {
        DYNAMIC_SECTION(row.what) {
            ScriptedGate site(false);
            Latch latch;
            site.validator.verdict = [&](const TokenRequest&) {
                latch.pass();
                return acceptedAs("a", "alice");
            };
            const auto answer = site.ask("token");
            REQUIRE(latch.waitForArrivals(1));
            row.revoke(*site.gate);
            latch.open();
            CHECK(site.statusOf(answer) == row.status);
            CHECK(site.gate->authenticator().live().size() == (row.status == 200 ? 1 : 0));
            site.status("token"); // a verdict from before the revocation is not kept
            CHECK(site.validator.asked == 2);
        }
    }
}

TEST_CASE("a refusal from before a change of the tokens is not kept") {
    ScriptedGate site(false);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest&) {
        latch.pass();
        return Rejected{Rejected::Reason::unknown, "", CachePolicy::forToken()};
    };
    const auto answer = site.ask("token");
    REQUIRE(latch.waitForArrivals(1));
    site.gate->authenticator().tokensGone({}); // the token was added just now
    latch.open();
    CHECK(site.statusOf(answer) == 401);
    site.validator.verdict = nullptr;
    CHECK(site.status("token") == 200);
}

TEST_CASE("a check that began after the revocation stands") {
    ScriptedGate site(false);
    site.gate->authenticator().tokensGone({"token"});
    CHECK(site.status("token") == 200);
}

TEST_CASE("a check that began too many revocations ago is refused: nobody knows any more") {
    ScriptedGate site(false);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest&) {
        latch.pass();
        return acceptedAs("a", "alice");
    };
    const auto answer = site.ask("token");
    REQUIRE(latch.waitForArrivals(1));
    for (int i = 0; i < 2000; ++i) site.gate->authenticator().tokensGone({"other" + std::to_string(i)});
    latch.open();
    CHECK(site.statusOf(answer) == 401);
}

TEST_CASE("a large revocation refuses no check that began after it") {
    ScriptedGate site(false);
    std::vector<std::string> many;
    for (int i = 0; i < 2000; ++i) many.push_back("other" + std::to_string(i));
    site.gate->authenticator().tokensGone(many);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest&) {
        latch.pass();
        return acceptedAs("a", "alice");
    };
    const auto answer = site.ask("token");
    REQUIRE(latch.waitForArrivals(1));
    site.gate->authenticator().tokensGone({"yet-another"});
    latch.open();
    CHECK(site.statusOf(answer) == 200);
}

TEST_CASE("one that waited behind a check which was revoked is checked for itself") {
    ScriptedGate site(false);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest&) {
        latch.pass();
        return acceptedAs("a", "alice");
    };
    const auto first = site.ask("token");
    REQUIRE(latch.waitForArrivals(1));
    site.gate->authenticator().tokensGone({"a"});
    const auto second = site.ask("token");
    latch.open();
    CHECK(site.statusOf(first) == 401);
    CHECK(site.statusOf(second) == 200);
    CHECK(site.validator.asked == 2);
}

TEST_CASE("whether a caller has ended since it was let in") {
    struct Row {
        const char* what;
        std::function<void(ScriptedGate&)> happens;
        bool hasEnded;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"nothing", [](ScriptedGate&) {}, false},
             {"its token went",
              [](ScriptedGate& site) {
                  site.gate->authenticator().tokensGone({"x", "a"});
              },
              true},
             {"its identity went", [](ScriptedGate& site) { site.gate->authenticator().dropVerdicts("alice"); }, true},
             {"everybody went", [](ScriptedGate& site) { site.gate->authenticator().dropVerdicts(""); }, true},
             {"another token went", [](ScriptedGate& site) { site.gate->authenticator().tokensGone({"b"}); }, false},
             {"the file changed without a loss", [](ScriptedGate& site) { site.gate->authenticator().tokensGone({}); },
              false},
             {"its time came", [](ScriptedGate& site) { site.clock.turn(std::chrono::hours(1)); }, true},
             {"a moment passed", [](ScriptedGate& site) { site.clock.turn(std::chrono::minutes(59)); }, false}}) {
        DYNAMIC_SECTION(row.what) {
            ScriptedGate site;
            site.validator.verdict = [&](const TokenRequest&) {
                Accepted accepted = acceptedAs("a", "alice");
                accepted.identity.expiresAt = site.clock.wall() + std::chrono::hours(1);
                return accepted;
            };
            const std::uint64_t mark = site.gate->authenticator().generation();
            const auto caller = callerIn(**site.ask("token"));
            row.happens(site);
            CHECK(site.gate->authenticator().endedSince(mark, *caller) == row.hasEnded);
        }
    }
}

TEST_CASE("a refusal that was kept is asked for again when the validator drops its verdicts") {
    ScriptedGate site;
    site.validator.verdict = [](const TokenRequest&) {
        return Rejected{Rejected::Reason::unknown, "", CachePolicy::forToken()};
    };
    CHECK(site.status("a") == 401);
    site.validator.verdict = nullptr;
    site.gate->authenticator().dropVerdicts("another");
    CHECK(site.status("a") == 200);
}

TEST_CASE(
    "a token that was forgotten for want of room is live again when it is shown again, and ends when it is revoked") {
    GateOptions options;
    options.authentication.maxLiveTokens = 1;
    ScriptedGate site(true, 600, options);
    site.status("a");
    site.status("b"); // takes the only place
    CHECK(site.gone == std::vector<std::string>{"a"});
    CHECK(site.status("a") == 200); // of a kept verdict
    CHECK(site.validator.asked == 2);
    CHECK(site.gone == std::vector<std::string>{"a", "b"});
    site.gate->authenticator().tokensGone({"a"});
    CHECK(site.gone == std::vector<std::string>{"a", "b", "a"});
}
