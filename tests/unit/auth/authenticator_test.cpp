// Who is calling, before any route has a say: the failures by kind. What the gate makes of it is in gate_test.cpp.
#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"

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
