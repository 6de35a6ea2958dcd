#include "schema/json_number.hpp"

#include <limits>

#include <catch2/catch.hpp>

using gatehouse::schema::Divisor;
using gatehouse::schema::JsonNumber;

namespace {

JsonNumber real(double value) { return JsonNumber::of(value); }
JsonNumber whole(std::int64_t value) { return JsonNumber::of(value); }
JsonNumber natural(std::uint64_t value) { return JsonNumber::of(value); }

} // namespace

TEST_CASE("a number has one form for each value") {
    CHECK(real(1.0) == whole(1));
    CHECK(natural(1) == whole(1));
    CHECK(real(-3.0) == whole(-3));
    CHECK(real(-0.0) == whole(0));
    CHECK(real(9223372036854775808.0) == natural(9223372036854775808u));
    CHECK_FALSE(real(1.5) == whole(1));
    CHECK(real(1.0).hash() == whole(1).hash());
    CHECK(real(1e300).isInteger());
    CHECK_FALSE(real(0.1).isInteger());
}

TEST_CASE("large integers and doubles are compared exactly") {
    const std::uint64_t beyondDoubles = (std::uint64_t{1} << 53) + 1;
    CHECK(compare(natural(beyondDoubles), real(9007199254740992.0)) > 0);
    CHECK(compare(real(9007199254740992.0), natural(beyondDoubles)) < 0);
    CHECK(compare(natural(std::numeric_limits<std::uint64_t>::max()), real(18446744073709551616.0)) < 0);
    CHECK(compare(whole(std::numeric_limits<std::int64_t>::min()), real(-9223372036854775808.0)) == 0);
    CHECK(compare(whole(std::numeric_limits<std::int64_t>::min()), real(-1e19)) > 0);
    CHECK(compare(whole(-1), natural(std::numeric_limits<std::uint64_t>::max())) < 0);
    CHECK(compare(real(-0.5), whole(-1)) > 0);
    CHECK(compare(real(-1.5), whole(-1)) < 0);
    CHECK(compare(real(-1.5), whole(-2)) > 0);
    CHECK(compare(real(0.5), whole(0)) > 0);
    CHECK(compare(real(-0.5), whole(0)) < 0);
    CHECK(compare(real(0.5), real(0.25)) > 0);
}

TEST_CASE("multiples are those of the decimal numbers") {
    CHECK(Divisor(real(0.0001)).divides(real(0.0075)));
    CHECK_FALSE(Divisor(real(0.0001)).divides(real(0.00751)));
    CHECK(Divisor(real(0.01)).divides(real(4.35)));
    CHECK(Divisor(real(0.1)).divides(whole(-3)));
    CHECK(Divisor(real(1e-8)).divides(whole(12391239123)));
    CHECK(Divisor(real(0.5)).divides(real(1e308)));
    CHECK_FALSE(Divisor(real(0.123456789)).divides(real(1e308)));
    CHECK(Divisor(whole(7)).divides(whole(-49)));
    CHECK_FALSE(Divisor(whole(7)).divides(whole(50)));
    CHECK(Divisor(natural(std::numeric_limits<std::uint64_t>::max())).divides(natural(0)));
    CHECK_FALSE(Divisor(real(1e308)).divides(whole(1)));
    CHECK(Divisor(real(1e308)).divides(real(1e308)));
    CHECK(Divisor(real(5e-324)).divides(real(1e308)));
    CHECK(Divisor(whole(2)).divides(real(1e22)));
    CHECK(Divisor(real(1.5)).divides(real(4.5)));
}

TEST_CASE("a number is printed as short as it reads back") {
    CHECK(natural(18446744073709551615u).text() == "18446744073709551615");
    CHECK(whole(-5).text() == "-5");
    CHECK(real(0.1).text() == "0.1");
    CHECK(real(1e300).natural() == std::numeric_limits<std::uint64_t>::max());
}
