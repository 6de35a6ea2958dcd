#include "base/literal.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a text is a literal when it has its letters and no more") {
    CHECK(is("POST", "POST"));
    CHECK(is("", ""));
    CHECK(is(std::string_view(), ""));
    CHECK_FALSE(is("POSTS", "POST"));
    CHECK_FALSE(is("POS", "POST"));
    CHECK_FALSE(is("post", "POST"));
    CHECK_FALSE(is(std::string("POST\0", 5), "POST"));
}
