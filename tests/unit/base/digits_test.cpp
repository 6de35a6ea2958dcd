#include "base/digits.hpp"

#include <limits>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a whole number is written as it is read, in any base") {
    CHECK(Digits(0).view() == "0");
    CHECK(Digits(std::numeric_limits<std::int64_t>::min()).view() == "-9223372036854775808");
    CHECK(Digits(std::numeric_limits<std::uint64_t>::max()).view() == "18446744073709551615");
    CHECK(Digits(std::size_t{255}, 16).view() == "ff");
    CHECK(Digits(std::numeric_limits<std::int64_t>::min(), 2).view().size() == 65);
}
