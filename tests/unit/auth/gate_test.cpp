// Who may pass, who is asked, and what is remembered. Revocations are in gate_revocation_test.cpp.
#include "auth/gate.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const CallerPtr& callerOf(const std::shared_ptr<std::optional<GateAnswer>>& answer) { return callerIn(**answer); }

Verdict rejectUncached(const TokenRequest&) { return Rejected{Rejected::Reason::unknown, "", {}}; }

} // namespace

TEST_CASE("a request without one good credential is refused before the validator is asked") {
    using Fields = std::vector<HeaderField>;
    struct Row {
        const char* what;
        Fields fields;
        const char* query;
        int status;
        const char* challenge; // a part of the headers
    };
    for (const Row& row : std::initializer_list<Row>{
             {"no token", Fields{}, "", 401, "realm=\"gatehouse\"\r\n"},
             {"a token in the query alone", Fields{}, "access_token=a", 401, "realm=\"gatehouse\"\r\n"},
             {"another scheme", Fields{{"Authorization", "Basic YTpi"}}, "", 401, "error=\"invalid_token\""},
             {"a malformed token", Fields{{"Authorization", "Bearer a b"}}, "", 401, "error=\"invalid_token\""},
             {"two tokens", Fields{{"Authorization", "Bearer a"}, {"Authorization", "Bearer a"}}, "", 400,
              "error=\"invalid_request\""},
             {"header and query", Fields{{"Authorization", "Bearer a"}}, "access_token=a", 400,
              "error=\"invalid_request\""}}) {
        for (const bool runsInline : {true, false}) {
            DYNAMIC_SECTION(row.what << (runsInline ? ", inline" : ", on a worker")) {
                ScriptedGate site(runsInline);
                const auto answer = answerIn(site.gate->admit({row.fields, row.query, "POST", "192.0.2.1", {}}));
                const auto& refusal = std::get<GateRefusal>(answer);
                CHECK(refusal.status == row.status);
                CHECK(refusal.headers.find(row.challenge) != std::string::npos);
                CHECK(site.validator.asked == 0);
            }
        }
    }
}

TEST_CASE("the validator's word becomes an answer, inline and on a worker") {
    struct Row {
        const char* what;
        Verdict verdict;
        int status;
    };
    Identity keyless = identityNamed("a");
    keyless.isolationKey.clear();
    Identity late = identityNamed("a");
    late.expiresAt = WallTime(1s);
    for (const Row& row :
         std::initializer_list<Row>{{"accepted", Accepted{identityNamed("a"), {}}, 200},
                                    {"rejected", Rejected{Rejected::Reason::expired, "", {}}, 401},
                                    {"forbidden here", Rejected{Rejected::Reason::forbidden, "", {}}, 401},
                                    {"cannot say", Unavailable{"down", 7s}, 503},
                                    {"accepted without isolation key", Accepted{keyless, {}}, 503},
                                    {"accepted but expired already", Accepted{late, {}}, 401}}) {
        for (const bool runsInline : {true, false}) {
            DYNAMIC_SECTION(row.what << (runsInline ? ", inline" : ", on a worker")) {
                ScriptedGate site(runsInline);
                site.validator.verdict = [&](const TokenRequest&) { return row.verdict; };
                CHECK(site.status("token") == row.status);
                CHECK(site.validator.asked == 1);
                CHECK(site.gate->authenticator().live().size() == (row.status == 200 ? 1 : 0));
            }
        }
    }
}

TEST_CASE("a validator that throws is out of order: 503, and nothing of it reaches the client") {
    for (const bool runsInline : {true, false}) {
        DYNAMIC_SECTION((runsInline ? "inline" : "on a worker")) {
            ScriptedGate site(runsInline);
            site.validator.verdict = [](const TokenRequest&) -> Verdict { throw std::runtime_error("inside"); };
            const auto answer = site.ask("token");
            CHECK(site.statusOf(answer) == 503);
            const auto& refusal = std::get<GateRefusal>(**answer);
            CHECK((refusal.headers + refusal.description).find("inside") == std::string::npos);
            CHECK(site.log.text().find("inside") != std::string::npos);
        }
    }
}

TEST_CASE("a validator that throws no exception of ours is out of order all the same") {
    ScriptedGate site;
    site.validator.verdict = [](const TokenRequest&) -> Verdict { throw 42; };
    int status = 0;
    CHECK_NOTHROW(status = site.status("token"));
    CHECK(status == 503);
}

TEST_CASE("the validator is told what it may judge by") {
    ScriptedGate site;
    TokenRequest seen;
    std::string token, url, peer, method;
    site.validator.verdict = [&](const TokenRequest& request) {
        token = request.token;
        url = request.url;
        peer = request.peer;
        method = request.method;
        seen.tokenSha256 = request.tokenSha256;
        return rejectUncached(request);
    };
    site.status("abc", "203.0.113.5");
    CHECK(token == "abc");
    CHECK(url == "https://mcp.example/mcp");
    CHECK(peer == "203.0.113.5");
    CHECK(method == "POST");
    CHECK(seen.tokenSha256 == sha256("abc"));
}

TEST_CASE("an accepted caller bears its identity and the digest of its token") {
    ScriptedGate site;
    const auto answer = site.ask("abc");
    CHECK(callerOf(answer)->identity.subject == "abc");
    CHECK(callerOf(answer)->tokenDigest == sha256("abc"));
}

TEST_CASE("a verdict that may be kept is asked for once; one that may not, for each request") {
    struct Row {
        const char* what;
        CachePolicy cache;
        int asked;
    };
    for (const Row& row : std::initializer_list<Row>{{"kept by token", CachePolicy::forToken(), 1},
                                                     {"never kept", CachePolicy::never(), 3}}) {
        for (const bool accepts : {true, false}) {
            for (const bool runsInline : {true, false}) {
                DYNAMIC_SECTION(row.what << (accepts ? ", accepted" : ", rejected")
                                         << (runsInline ? ", inline" : ", on a worker")) {
                    ScriptedGate site(runsInline);
                    const CachePolicy cache = row.cache;
                    site.validator.verdict = [&](const TokenRequest&) {
                        if (accepts) return Verdict(Accepted{identityNamed("a"), cache});
                        return Verdict(Rejected{Rejected::Reason::unknown, "", cache});
                    };
                    for (int i = 0; i < 3; ++i) CHECK(site.status("token") == (accepts ? 200 : 401));
                    CHECK(site.validator.asked == row.asked);
                }
            }
        }
    }
}

TEST_CASE("that nobody can say is never kept") {
    ScriptedGate site;
    site.validator.verdict = [](const TokenRequest&) { return Unavailable{"down"}; };
    site.status("token");
    site.validator.verdict = nullptr;
    CHECK(site.status("token") == 200);
}

TEST_CASE("a kept verdict ends with its time") {
    ScriptedGate site;
    site.validator.cache = CachePolicy::forToken(10s);
    site.status("token");
    site.clock.turn(9s);
    site.status("token");
    CHECK(site.validator.asked == 1);
    site.clock.turn(1s);
    site.status("token");
    CHECK(site.validator.asked == 2);
}

TEST_CASE("a verdict for one address is not another's") {
    for (const bool runsInline : {true, false}) {
        DYNAMIC_SECTION((runsInline ? "inline" : "on a worker")) {
            ScriptedGate site(runsInline);
            site.validator.verdict = [](const TokenRequest& request) {
                const CachePolicy byPeer = CachePolicy::forToken().perPeer();
                if (request.peer == "192.0.2.1") return Verdict(Accepted{identityNamed("a"), byPeer});
                return Verdict(Rejected{Rejected::Reason::forbidden, "", byPeer});
            };
            CHECK(site.status("token", "192.0.2.1") == 200);
            CHECK(site.status("token", "192.0.2.2") == 401);
            CHECK(site.status("token", "192.0.2.1") == 200);
            CHECK(site.validator.asked == 2);
        }
    }
}

TEST_CASE("requests with one token that come at once are validated once") {
    ScriptedGate site(false);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest& request) {
        latch.pass();
        return Accepted{identityNamed(std::string(request.token)), CachePolicy::forToken()};
    };
    const auto first = site.ask("token"), second = site.ask("token"), third = site.ask("token"),
               other = site.ask("other");
    REQUIRE(latch.waitForArrivals(2)); // one for each token
    latch.open();
    for (const auto& answer : {first, second, third, other}) CHECK(site.statusOf(answer) == 200);
    CHECK(site.validator.asked == 2);
}

TEST_CASE("one that waited behind another address is judged for its own") {
    ScriptedGate site(false);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest& request) {
        latch.pass();
        const CachePolicy byPeer = CachePolicy::forToken().perPeer();
        if (request.peer == "192.0.2.1") return Verdict(Accepted{identityNamed("a"), byPeer});
        return Verdict(Rejected{Rejected::Reason::forbidden, "", byPeer});
    };
    const auto here = site.ask("token", "192.0.2.1"), there = site.ask("token", "192.0.2.2");
    REQUIRE(latch.waitForArrivals(1));
    latch.open();
    CHECK(site.statusOf(here) == 200);
    CHECK(site.statusOf(there) == 401);
}

TEST_CASE("a validator whose verdicts hold for one request is asked for each, at once") {
    ScriptedGate site(false);
    site.validator.cache = {};
    site.status("token"); // now it is known
    Latch latch;
    site.validator.verdict = [&](const TokenRequest&) {
        latch.pass();
        return Accepted{identityNamed("a"), {}};
    };
    const auto first = site.ask("token"), second = site.ask("token"), third = site.ask("token");
    CHECK(latch.waitForArrivals(3)); // none waits for another
    latch.open();
    for (const auto& answer : {first, second, third}) CHECK(site.statusOf(answer) == 200);
}

TEST_CASE("one that waited behind a verdict which may not be kept is asked for itself") {
    ScriptedGate site(false);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest&) {
        if (site.validator.asked == 1) latch.pass();
        return Accepted{identityNamed("a"), {}};
    };
    const auto first = site.ask("token"), second = site.ask("token");
    REQUIRE(latch.waitForArrivals(1));
    latch.open();
    CHECK(site.statusOf(first) == 200);
    CHECK(site.statusOf(second) == 200);
    CHECK(site.validator.asked == 2);
}

TEST_CASE("an address that showed too many bad tokens waits, before the validator is asked again") {
    ScriptedGate site(false, 3);
    site.validator.verdict = rejectUncached;
    for (int i = 0; i < 3; ++i) CHECK(site.status("bad" + std::to_string(i)) == 401);
    const auto answer = site.ask("bad3");
    CHECK(site.statusOf(answer) == 429);
    CHECK(std::get<GateRefusal>(**answer).headers == "Retry-After: 20\r\n");
    CHECK(site.validator.asked == 3);
    CHECK(site.status("bad4", "192.0.2.99") == 401);
    site.clock.turn(20s);
    CHECK(site.status("bad5") == 401);
}

TEST_CASE("an address without budget does not hold up a token that is known") {
    ScriptedGate site(false, 1);
    REQUIRE(site.status("good") == 200);
    site.validator.verdict = rejectUncached;
    REQUIRE(site.status("bad") == 401);
    REQUIRE(site.status("bad") == 429);
    CHECK(site.status("good") == 200);
}

TEST_CASE("a refusal that is known costs no budget") {
    ScriptedGate site(false, 2);
    site.validator.verdict = [](const TokenRequest&) {
        return Rejected{Rejected::Reason::unknown, "", CachePolicy::forToken()};
    };
    for (int i = 0; i < 100; ++i) CHECK(site.status("bad") == 401);
    site.validator.verdict = nullptr;
    CHECK(site.status("good") == 200);
}

TEST_CASE("when no worker is free the answer is 503, and counted") {
    ScriptedGate site(false);
    Latch latch;
    site.validator.verdict = [&](const TokenRequest&) {
        latch.pass();
        return Verdict(Unavailable{"late"});
    };
    std::vector<std::shared_ptr<std::optional<GateAnswer>>> answers;
    for (int i = 0; i < 16; ++i) answers.push_back(site.ask("t" + std::to_string(i)));
    REQUIRE(latch.waitForArrivals(16));                                                 // every thread is busy
    for (int i = 16; i < 33; ++i) answers.push_back(site.ask("t" + std::to_string(i))); // 16 wait, one more does not
    CHECK(site.statusOf(answers.back()) == 503);
    CHECK(site.telemetry.counters[Counter::overloaded] == 1);
    latch.open();
    for (const auto& answer : answers) site.statusOf(answer);
}

TEST_CASE("what a request shows is kept alive until its answer") {
    ScriptedGate site(false);
    Latch latch;
    std::string token;
    site.validator.verdict = [&](const TokenRequest& request) {
        latch.pass();
        token = request.token;
        return Accepted{identityNamed("a"), {}};
    };
    std::weak_ptr<const ShownRequest> watched;
    std::optional<GateAnswer> answer;
    {
        const auto shown = site.request("a-long-token-that-is-not-kept-in-place-of-a-small-string");
        watched = shown;
        auto admission = site.gate->admit(shown->view());
        REQUIRE(std::holds_alternative<PendingAdmission>(admission));
        site.gate->admitLater(std::get<PendingAdmission>(std::move(admission)), shown,
                              [&](GateAnswer got) { answer = std::move(got); });
    }
    REQUIRE(latch.waitForArrivals(1));
    CHECK_FALSE(watched.expired());
    latch.open();
    REQUIRE(site.loop.runUntil([&] { return answer.has_value(); }));
    CHECK(token == "a-long-token-that-is-not-kept-in-place-of-a-small-string");
}

TEST_CASE("without a validator everybody is the anonymous caller") {
    ScriptedGate site;
    const auto post = [](std::function<void()>) {};
    WholeGate open(
        {}, AuthenticatorDeps{site.clock, site.log.log, site.telemetry, site.workers, post, [](const std::string&) {}},
        nullptr);
    const std::vector<HeaderField> twice{{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}};
    const auto answer = answerIn(open.gate.admit({twice, "", "POST", "192.0.2.1", {}}));
    CHECK(callerIn(answer)->identity.isolationKey == "anonymous");
    CHECK(std::get<Admitted>(answer).grants->has("any:scope"));
}

TEST_CASE("verdicts are counted, and a refusal carries why for the log, never the token") {
    ScriptedGate site;
    site.status("good");
    site.validator.verdict = [](const TokenRequest&) { return Rejected{Rejected::Reason::badSignature, "key 7", {}}; };
    const auto answer = site.ask("a-secret-token-of-somebody");
    const auto& refusal = std::get<GateRefusal>(**answer);
    CHECK(site.telemetry.verdicts == std::vector<std::string>{"accept ", "reject bad_signature"});
    CHECK(refusal.reason == "bad_signature");
    CHECK(refusal.detail == "key 7");
    CHECK(refusal.description.find("key 7") == std::string::npos);
    CHECK(site.log.text().find("a-secret-token") == std::string::npos);
}

TEST_CASE("every reason has a name of its own") {
    std::vector<std::string_view> names;
    for (std::uint32_t reason = 1; reason <= 8; ++reason)
        names.push_back(reasonName(static_cast<Rejected::Reason>(reason)));
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
    CHECK(reasonName(static_cast<Rejected::Reason>(99)) == "unknown");
}
