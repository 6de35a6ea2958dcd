#include "admin/api_query.hpp"

#include <catch2/catch.hpp>

#include "admin/api_error.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using namespace std::chrono_literals;

TEST_CASE("a query is read strictly") {
    CHECK(queryFrom("a=b&c=d%20e+f", {"a", "c"}) == Query{{"a", "b"}, {"c", "d e f"}});
    CHECK(queryFrom("", {}).empty());
    for (const char* wrong : {"x=1", "a=1&a=2", "a=%zz", "token=gth_"})
        CHECK_THROWS_AS(queryFrom(wrong, {"a"}), ApiError);
}

TEST_CASE("a number and a time of the query have their bounds") {
    CHECK(numberIn({}, "n", {5, 1, 9}) == 5);
    CHECK(numberIn({{"n", "9"}}, "n", {5, 1, 9}) == 9);
    for (const char* wrong : {"0", "10", "-1", "x", "", "1.5", "99999999999999999999"})
        CHECK_THROWS_AS(numberIn({{"n", wrong}}, "n", {5, 1, 9}), ApiError);
    CHECK_FALSE(durationIn({}, "t"));
    CHECK(durationIn({{"t", "7d"}}, "t") == 24h * 7);
    CHECK_THROWS_AS(durationIn({{"t", "soon"}}, "t"), ApiError);
}
