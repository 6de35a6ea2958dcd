#include <gatehouse/header_field.hpp>

#include <catch2/catch.hpp>
#include <gatehouse/token_validator.hpp>

using namespace gatehouse;

TEST_CASE("a header is found by its name in any case, the first of several") {
    TokenRequest request;
    request.headers = {{"X-Tenant", "a"}, {"x-TENANT", "b"}, {"Empty", ""}};
    CHECK(request.header("x-tenant") == "a");
    CHECK(request.header("X-TENANT") == "a");
    CHECK(request.header("empty") == "");
    CHECK_FALSE(request.header("X-Tenan").has_value());
    CHECK_FALSE(request.header("X-Tenant2").has_value());
    CHECK_FALSE(request.header("").has_value());
    CHECK_FALSE(findHeader({}, "a").has_value());
    CHECK_FALSE(findHeader({{"a[", "x"}}, "a{").has_value()); // letters only
}
