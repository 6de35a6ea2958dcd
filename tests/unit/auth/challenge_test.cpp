#include "auth/challenge.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

using namespace gatehouse;
using namespace std::chrono_literals;

TEST_CASE("each refusal has its status, its challenge and a fixed text") {
    struct Row {
        const char* what;
        GateRefusal refusal;
        int status;
        const char* headers;
        Outcome outcome;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"no token: no error code", Challenge().noToken(), 401, "WWW-Authenticate: Bearer realm=\"gatehouse\"\r\n",
              Outcome::rejected},
             {"a token that is not valid", Challenge().invalidToken("expired"), 401,
              "WWW-Authenticate: Bearer realm=\"gatehouse\", error=\"invalid_token\", "
              "error_description=\"The access token is not valid\"\r\n",
              Outcome::rejected},
             {"two credentials", Challenge().ambiguous(), 400,
              "WWW-Authenticate: Bearer realm=\"gatehouse\", error=\"invalid_request\"\r\n", Outcome::rejected},
             {"too many failures", Challenge().tooManyFailures(7s), 429, "Retry-After: 7\r\n", Outcome::limited},
             {"no decision now", Challenge().unavailable(5s), 503, "Retry-After: 5\r\n", Outcome::unavailable}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(row.refusal.status == row.status);
            CHECK(row.refusal.headers == row.headers);
            CHECK(row.refusal.outcome == row.outcome);
            CHECK_FALSE(row.refusal.error.empty());
            CHECK_FALSE(row.refusal.description.empty());
            CHECK_FALSE(row.refusal.reason.empty());
        }
    }
}

TEST_CASE("why a token was refused is for the log, not for the client") {
    const GateRefusal refusal = Challenge().invalidToken("bad_signature");
    CHECK(refusal.reason == "bad_signature");
    CHECK(refusal.headers == Challenge().invalidToken("unknown").headers);
    CHECK(refusal.description == Challenge().invalidToken("unknown").description);
    CHECK(Challenge().invalidToken("unknown", "no such token").description == refusal.description);
}

TEST_CASE("nobody is told to come back at once") {
    CHECK(Challenge().unavailable(0s).headers == "Retry-After: 1\r\n");
    CHECK(Challenge().tooManyFailures(-3s).headers == "Retry-After: 1\r\n");
}

TEST_CASE("a challenge names where to log in and for which scopes, and takes no quotes from anybody") {
    const Challenge challenge({"https://mcp.example/.well-known/oauth-protected-resource/mcp", {"a", "b"}});
    const std::string metadata = ", resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\"";
    const std::string start = "WWW-Authenticate: Bearer realm=\"gatehouse\"";
    CHECK(challenge.noToken().headers == start + metadata + ", scope=\"a b\"\r\n");
    CHECK(challenge.invalidToken("expired").headers.find(metadata + ", scope=\"a b\"\r\n") != std::string::npos);
    CHECK(challenge.ambiguous().headers == start + ", error=\"invalid_request\"" + metadata + "\r\n");
    const GateRefusal few = challenge.insufficientScope({"x", "y\"\r\n\\z"});
    CHECK(few.status == 403);
    CHECK(few.reason == "insufficient_scope");
    CHECK(few.headers.find("error=\"insufficient_scope\"") != std::string::npos);
    CHECK(few.headers.find(metadata + ", scope=\"x yz\"\r\n") != std::string::npos);
}
