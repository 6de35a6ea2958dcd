#include "auth/explanation.hpp"

#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

Policy policyOf(const char* json) { return Policy(Settings(Json::parse(json), "auth.policy")); }

Verdict accepted(std::vector<std::string> scopes, std::vector<std::string> required = {}) {
    Identity identity = identityNamed("alice");
    identity.scopes = std::move(scopes);
    return Accepted{identity, {}, std::move(required)};
}

} // namespace

TEST_CASE("an explanation answers as the gate would") {
    struct Row {
        const char* what;
        Verdict verdict;
        int status; // 0: let in
        const char *headers, *words;
    };
    const Policy policy = policyOf(R"({"required_scopes":["mcp:read"]})");
    for (const Row& row : std::initializer_list<Row>{
             {"accepted", accepted({"read:docs"}), 0, "", "accepted as alice"},
             {"accepted without the policy's scope", accepted({}), 403, "scope=\"mcp:read\"", "accepted as alice"},
             {"accepted without the validator's scope", accepted({"mcp:read"}, {"x"}), 403, "scope=\"mcp:read x\"",
              "accepted as alice"},
             {"rejected", Rejected{Rejected::Reason::expired, "a minute ago", {}, {}}, 401, "error=\"invalid_token\"",
              "rejected (expired): a minute ago"},
             {"rejected without words", Rejected{Rejected::Reason::notMine, "", {}, {}}, 401, "error=\"invalid_token\"",
              "rejected (not_mine)"},
             {"too few scopes", Rejected{Rejected::Reason::insufficientScope, "", {}, {"a", "b"}}, 403, "scope=\"a b\"",
              "rejected (insufficient_scope)"},
             {"cannot say", Unavailable{"down", 7s}, 503, "Retry-After: 7\r\n", "unavailable: down"}}) {
        DYNAMIC_SECTION(row.what) {
            const auto refusal = refusalFor(row.verdict, policy, Challenge());
            CHECK((refusal ? refusal->status : 0) == row.status);
            if (refusal) CHECK(refusal->headers.find(row.headers) != std::string::npos);
            CHECK(wordsFor(row.verdict) == row.words);
            ScriptedGate site(true, 600, [&] {
                GateOptions options;
                options.policy = policy;
                return options;
            }());
            site.validator.verdict = [&](const TokenRequest&) { return row.verdict; };
            CHECK(site.status("token") == (row.status == 0 ? 200 : row.status));
        }
    }
}
