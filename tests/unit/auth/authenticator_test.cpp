// Who is calling, before any route has a say: the failures by kind. What the gate makes of it is in gate_test.cpp.
#include <random>

#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"
#include "tokens/checked_token.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using Kind = AuthenticationFailure::Kind;

namespace {

AuthenticationAnswer ask(ScriptedGate& site, const std::vector<HeaderField>& fields) {
    return std::get<AuthenticationAnswer>(
        site.gate->authenticator().authenticate({fields, "", "POST", "192.0.2.1", {}}));
}

Kind kindOf(const AuthenticationAnswer& answer) { return std::get<AuthenticationFailure>(answer).kind; }

} // namespace

TEST_CASE("a caller is authenticated whatever scopes a route may want of it") {
    GateOptions options;
    options.policy = Policy(Settings(Json::parse(R"({"required_scopes":["a"]})"), "auth.policy"));
    ScriptedGate site(true, 600, options);
    const auto answer = ask(site, {{"Authorization", "Bearer alice"}});
    const CallerPtr& caller = std::get<Authenticated>(answer).caller;
    CHECK(caller->identity.subject == "alice");
    CHECK(caller->origin == Caller::Origin::token);
    CHECK(site.status("alice") == 403);
    CHECK(site.validator.asked == 1);
}

TEST_CASE("each failure to authenticate has its kind") {
    ScriptedGate site(true, 2);
    CHECK(kindOf(ask(site, {})) == Kind::noToken);
    CHECK(kindOf(ask(site, {{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}})) == Kind::twoCredentials);
    CHECK(kindOf(ask(site, {{"Authorization", "Basic YTpi"}})) == Kind::invalidToken);
    Verdict verdict = Unavailable{"down", std::chrono::seconds(7)};
    site.validator.verdict = [&](const TokenRequest&) { return verdict; };
    const auto later = ask(site, {{"Authorization", "Bearer a"}});
    CHECK(kindOf(later) == Kind::unavailable);
    CHECK(std::get<AuthenticationFailure>(later).retryAfter == std::chrono::seconds(7));
    verdict = Rejected{Rejected::Reason::insufficientScope, "", {}, {"x"}};
    CHECK(kindOf(ask(site, {{"Authorization", "Bearer a"}})) == Kind::narrowToken);
    verdict = Rejected{Rejected::Reason::unknown, "", {}, {}};
    for (int i = 0; i < 2; ++i) CHECK(kindOf(ask(site, {{"Authorization", "Bearer a"}})) == Kind::invalidToken);
    CHECK(kindOf(ask(site, {{"Authorization", "Bearer a"}})) == Kind::tooManyFailures);
}

TEST_CASE("a caller remembers what its validator wants of every call") {
    ScriptedGate site;
    site.validator.verdict = [](const TokenRequest&) {
        return Accepted{identityNamed("alice"), CachePolicy::forToken(), {"x"}};
    };
    for (int i = 0; i < 2; ++i) { // asked, and from the cache
        const auto answer = ask(site, {{"Authorization", "Bearer a"}});
        CHECK(std::get<Authenticated>(answer).caller->requiredScopes == std::vector<std::string>{"x"});
    }
    CHECK(site.status("a") == 403);
    CHECK(site.validator.asked == 1);
}

namespace {

// An authenticator of its own in the surroundings of a gate.
struct StoreSite : ScriptedGate {
    bool isFresh = true;
    TokenTerms terms;
    Authenticator own{{},
                      AuthenticatorDeps{.clock = clock,
                                        .log = log.log,
                                        .telemetry = telemetry,
                                        .workers = workers,
                                        .post = [](std::function<void()> work) { work(); },
                                        .identityGone = [](const std::string&) {},
                                        .rulesOf = [this](const Sha256&) -> std::optional<TokenRulesPtr> {
                                            TokenEntry entry;
                                            entry.terms = terms;
                                            return std::make_shared<const TokenRules>(
                                                TokenMatch{.entry = std::make_shared<const TokenEntry>(entry)});
                                        },
                                        .isFresh = [this] { return isFresh; }},
                      &validator};
    CallerPtr callerOf(const std::string& token) {
        const auto shown = request(token);
        return std::get<Authenticated>(std::get<AuthenticationAnswer>(own.authenticate(shown->view()))).caller;
    }
};

} // namespace

TEST_CASE("a million texts with the prefix that somebody made up are refused without a look-up") {
    ScriptedGate site(true, 600, {}, false, "gth_");
    std::mt19937_64 dice(13); // any of them has the right sum once in 5e10
    const std::string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string text = "gth_" + std::string(40, '0');
    std::size_t refused = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        for (std::size_t at = 4; at < text.size(); ++at) text[at] = digits[dice() % digits.size()];
        const std::string line = "Bearer " + text;
        refused += kindOf(ask(site, {{"Authorization", line}})) == Kind::invalidToken ? 1u : 0u;
    }
    CHECK(refused == 1'000'000);
    CHECK(site.validator.asked == 0);
    CHECK(site.status(newCheckedToken("gth_")) == 200);
    CHECK(site.validator.asked == 1);
}

TEST_CASE("verdicts that were kept do not hold while revocations may have been missed") {
    StoreSite site;
    for (int i = 0; i < 3; ++i) site.callerOf("alice");
    CHECK(site.validator.asked == 1);
    site.isFresh = false;
    for (int i = 0; i < 3; ++i) site.callerOf("alice");
    CHECK(site.validator.asked == 4);
}

TEST_CASE("scopes that a validator read from a text count as far as the store's record has them") {
    StoreSite site;
    site.validator.verdict = [](const TokenRequest&) -> Verdict {
        Identity identity = identityNamed("alice");
        identity.scopes = {"read:tasks", "write:tasks"};
        return Accepted{identity, CachePolicy::never()};
    };
    site.terms.scopes = {"read:tasks", "write:tasks", "read:agents"};
    CHECK(site.callerOf("alice")->identity.scopes == std::vector<std::string>{"read:tasks", "write:tasks"});
    site.terms.scopes = {"read:tasks", "read:context"};
    CHECK(site.callerOf("alice")->identity.scopes == std::vector<std::string>{"read:tasks"});
    site.terms.scopes.clear();
    CHECK(site.callerOf("alice")->identity.scopes.empty());
}
