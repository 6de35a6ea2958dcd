#include "base/joined.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("words stand in one text, with something between them") {
    CHECK(joined({}).empty());
    CHECK(joined({"a"}) == "a");
    CHECK(joined({"a", "b", "c"}) == "a b c");
    CHECK(joined({"a", "b"}, ", ") == "a, b");
}
