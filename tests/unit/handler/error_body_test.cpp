// One form of error body for each kind of route.
#include "handler/error_body.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace gatehouse;
using Json = nlohmann::json;

TEST_CASE("a problem document has type, title, status and detail, and detail may be anything") {
    const Json problem = Json::parse(problemBody(404, "no \"token\"\n"));
    CHECK(problem ==
          Json({{"type", "about:blank"}, {"title", "Not Found"}, {"status", 404}, {"detail", "no \"token\"\n"}}));
}

TEST_CASE("an OAuth error has its code and a description") {
    CHECK(Json::parse(oauthErrorBody("invalid_request", "say \"what\"")) ==
          Json({{"error", "invalid_request"}, {"error_description", "say \"what\""}}));
}
