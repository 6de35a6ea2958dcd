// Who passes the gate with too few scopes, without a token, and whose token is kept for an exchange.
#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

using Texts = std::vector<std::string>;

GateOptions optionsWith(const char* policy, Texts fallbackScopes = {}, bool fallback = false) {
    GateOptions options;
    options.policy = Policy(Settings(Json::parse(policy), "auth.policy"));
    options.authentication.fallback = fallback;
    options.authentication.fallbackScopes = std::move(fallbackScopes);
    return options;
}

Verdict withScopes(Texts scopes, Texts required = {}) {
    Identity identity = identityNamed("alice");
    identity.scopes = std::move(scopes);
    return Accepted{identity, CachePolicy::forToken(), std::move(required)};
}

const GateRefusal& refusalOf(const GateAnswer& answer) { return std::get<GateRefusal>(answer); }

GateAnswer askWithout(ScriptedGate& site) {
    const std::vector<HeaderField> nothing;
    return answerIn(site.gate->admit({nothing, "", "POST", "192.0.2.1", {}}));
}

} // namespace

TEST_CASE("a good token with too few scopes is 403 with all that are needed, also from the cache") {
    struct Row {
        const char* what;
        Texts scopes, required;
        const char* needed; // null: let in
    };
    for (const Row& row : std::initializer_list<Row>{{"all are there", {"a"}, {}, nullptr},
                                                     {"the policy's is missing", {}, {}, "scope=\"a\""},
                                                     {"the validator's is missing", {"a"}, {"b"}, "scope=\"a b\""},
                                                     {"the administrator", {"mcp:admin"}, {"b"}, nullptr}}) {
        for (const bool runsInline : {true, false}) {
            DYNAMIC_SECTION(row.what << (runsInline ? ", inline" : ", on a worker")) {
                ScriptedGate site(runsInline, 600, optionsWith(R"({"required_scopes":["a"]})"));
                site.validator.verdict = [&](const TokenRequest&) { return withScopes(row.scopes, row.required); };
                for (int i = 0; i < 2; ++i) {
                    const auto answer = site.ask("token");
                    REQUIRE(site.statusOf(answer) == (row.needed ? 403 : 200));
                    if (!row.needed) continue;
                    CHECK(refusalOf(**answer).headers.find("error=\"insufficient_scope\"") != std::string::npos);
                    CHECK(refusalOf(**answer).headers.find(row.needed) != std::string::npos);
                    CHECK(refusalOf(**answer).reason == "insufficient_scope");
                }
                CHECK(site.validator.asked == 1);
            }
        }
    }
}

TEST_CASE("a right token with too few scopes is no guess: its caller stays within the failure budget") {
    constexpr int budget = 3;
    ScriptedGate site(false, budget, optionsWith(R"({"required_scopes":["a"]})"));
    site.validator.verdict = [&](const TokenRequest&) -> Verdict {
        return Rejected{Rejected::Reason::insufficientScope, "", {}, {"a"}};
    };
    for (int i = 0; i < 2 * budget; ++i) CHECK(site.status("token") == 403);
    site.validator.verdict = [&](const TokenRequest&) -> Verdict {
        return Rejected{Rejected::Reason::unknown, "", {}, {}};
    };
    for (int i = 0; i < budget; ++i) CHECK(site.status("wrong") == 401);
    CHECK(site.status("wrong") == 429);
}

TEST_CASE("a caller has its scopes and what they include") {
    ScriptedGate site(true, 600, optionsWith(R"({"required_scopes":["read:docs"]})"));
    site.validator.verdict = [](const TokenRequest&) { return withScopes({"write:docs"}); };
    const auto answer = site.ask("token");
    const CallerPtr& caller = callerIn(**answer);
    CHECK(caller->identity.scopes == Texts{"write:docs"});
    CHECK(std::get<Admitted>(**answer).grants->has("read:docs"));
    CHECK_FALSE(caller->isFallback());
}

TEST_CASE("a validator that finds too few scopes is 403, and asked again the next time") {
    ScriptedGate site;
    site.validator.verdict = [](const TokenRequest&) {
        return Rejected{Rejected::Reason::insufficientScope, "", CachePolicy::forToken(), {"x", "y"}};
    };
    for (int i = 0; i < 2; ++i) {
        const auto answer = site.ask("token");
        CHECK(refusalOf(**answer).status == 403);
        CHECK(refusalOf(**answer).headers.find("scope=\"x y\"") != std::string::npos);
    }
    CHECK(site.validator.asked == 2);
}

TEST_CASE("a request without a token is the fallback caller's when there is one, with its own scopes") {
    ScriptedGate site(true, 600, optionsWith(R"({"required_scopes":["read:docs"]})", {"read:docs"}, true));
    const auto answer = askWithout(site);
    const CallerPtr& caller = callerIn(answer);
    CHECK(caller->isFallback());
    CHECK(caller->identity.isolationKey == "fallback");
    CHECK(std::get<Admitted>(answer).grants->has("read:docs"));
    CHECK_FALSE(std::get<Admitted>(answer).grants->has("write:docs"));
    CHECK(site.validator.asked == 0);
}

TEST_CASE("who shows a token that is bad is no fallback caller") {
    ScriptedGate site(true, 600, optionsWith("{}", {}, true));
    site.validator.verdict = [](const TokenRequest&) { return Rejected{Rejected::Reason::unknown, "", {}, {}}; };
    CHECK(site.status("wrong") == 401);
    const std::vector<HeaderField> basic{{"Authorization", "Basic YTpi"}};
    CHECK(refusalOf(answerIn(site.gate->admit({basic, "", "POST", "192.0.2.1", {}}))).status == 401);
}

TEST_CASE("a fallback caller needs what every caller needs") {
    ScriptedGate site(true, 600, optionsWith(R"({"required_scopes":["a"]})", {"b"}, true));
    CHECK(refusalOf(askWithout(site)).status == 403);
    CHECK(refusalOf(askWithout(site)).headers.find("scope=\"a\"") != std::string::npos);
}

TEST_CASE("without a fallback a request without a token is 401, and told where to log in") {
    GateOptions options;
    options.challenge = {"https://mcp.example/.well-known/oauth-protected-resource/mcp", {"a", "b"}};
    ScriptedGate site(true, 600, options);
    const auto answer = askWithout(site);
    CHECK(refusalOf(answer).headers ==
          "WWW-Authenticate: Bearer realm=\"gatehouse\", resource_metadata=\"https://mcp.example/.well-known/"
          "oauth-protected-resource/mcp\", scope=\"a b\"\r\n");
}

TEST_CASE("a token is kept for a validator that exchanges it, and for no other") {
    for (const bool exchanges : {true, false}) {
        DYNAMIC_SECTION((exchanges ? "exchanges" : "does not exchange")) {
            for (const bool runsInline : {true, false}) {
                ScriptedGate site(runsInline, 600, {}, exchanges);
                CHECK((site.gate->authenticator().exchanger() != nullptr) == exchanges);
                for (int i = 0; i < 2; ++i) { // asked, and from the cache
                    const auto answer = site.ask("secret");
                    REQUIRE(site.statusOf(answer) == 200);
                    const SecretPtr kept = std::get<Admitted>(**answer).token;
                    REQUIRE((kept != nullptr) == exchanges);
                    if (kept) CHECK(kept->reveal() == "secret");
                }
            }
            ScriptedGate without(true, 600, optionsWith("{}", {}, true), exchanges);
            CHECK(std::get<Admitted>(askWithout(without)).token == nullptr);
        }
    }
}
