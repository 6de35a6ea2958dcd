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
        const char* outcome;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"no token: no error code", challenge::noToken(), 401, "WWW-Authenticate: Bearer realm=\"gatehouse\"\r\n",
              "rejected"},
             {"a token that is not valid", challenge::invalidToken("expired"), 401,
              "WWW-Authenticate: Bearer realm=\"gatehouse\", error=\"invalid_token\", "
              "error_description=\"The access token is not valid\"\r\n",
              "rejected"},
             {"two credentials", challenge::ambiguous(), 400,
              "WWW-Authenticate: Bearer realm=\"gatehouse\", error=\"invalid_request\"\r\n", "rejected"},
             {"too many failures", challenge::tooManyFailures(7s), 429, "Retry-After: 7\r\n", "limited"},
             {"no decision now", challenge::unavailable(5s), 503, "Retry-After: 5\r\n", "unavailable"}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(row.refusal.status == row.status);
            CHECK(row.refusal.headers == row.headers);
            CHECK(row.refusal.outcome == row.outcome);
            CHECK(Json::parse(row.refusal.body).at("error").is_string());
            CHECK_FALSE(row.refusal.reason.empty());
        }
    }
}

TEST_CASE("why a token was refused is for the log, not for the client") {
    const GateRefusal refusal = challenge::invalidToken("bad_signature");
    CHECK(refusal.reason == "bad_signature");
    CHECK(refusal.headers == challenge::invalidToken("unknown").headers);
    CHECK(refusal.body == challenge::invalidToken("unknown").body);
}

TEST_CASE("nobody is told to come back at once") {
    CHECK(challenge::unavailable(0s).headers == "Retry-After: 1\r\n");
    CHECK(challenge::tooManyFailures(-3s).headers == "Retry-After: 1\r\n");
}
