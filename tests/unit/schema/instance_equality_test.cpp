#include "schema/instance_equality.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::schema;

namespace {

bool same(const std::string& a, const std::string& b) {
    simdjson::dom::parser left, right;
    Budget budget(10'000);
    const Instance one(left.parse(a).value()), other(right.parse(b).value());
    const bool areSame = areEqual(one, other, budget);
    if (areSame) CHECK(hashOf(one, budget) == hashOf(other, budget));
    return areSame;
}

bool different(const std::string& array, std::size_t steps = 100'000) {
    simdjson::dom::parser parser;
    Budget budget(steps);
    return areAllDifferent(parser.parse(array).get_array().value(), budget);
}

std::string numbersTo(int end) {
    std::string text = "[0";
    for (int i = 1; i < end; ++i) text += "," + std::to_string(i);
    return text + "]";
}

} // namespace

TEST_CASE("values are equal by what they mean") {
    CHECK(same("1", "1.0"));
    CHECK(same("0", "-0.0"));
    CHECK(same(R"({"a":1,"b":[2]})", R"({"b":[2.0],"a":1})"));
    CHECK(same(R"("a\u0062")", R"("ab")"));
    CHECK(same("[[],{},null,true]", "[[],{},null,true]"));
    CHECK_FALSE(same("1", "true"));
    CHECK_FALSE(same("false", "true"));
    CHECK_FALSE(same("0", R"("0")"));
    CHECK_FALSE(same("[1,2]", "[2,1]"));
    CHECK_FALSE(same("[1]", "[1,1]"));
    CHECK_FALSE(same("[1,1]", "[1]"));
    CHECK_FALSE(same(R"({"a":1})", R"({"a":2})"));
    CHECK_FALSE(same(R"({"a":1})", R"({"a":1,"b":1})"));
    CHECK_FALSE(same(R"({"a":1,"a":1})", R"({"a":1,"b":1})"));
    CHECK_FALSE(same("9007199254740993", "9007199254740992.0"));
}

TEST_CASE("items are all different, or not") {
    CHECK(different("[]"));
    CHECK(different("[1,true,\"1\",[1],null]"));
    CHECK_FALSE(different("[1,2,1.0]"));
    CHECK_FALSE(different(R"([{"a":1,"b":2},{"b":2,"a":1}])"));
}

TEST_CASE("many different items are no quadratic work") {
    CHECK(different(numbersTo(20'000)));
    CHECK_FALSE(different(numbersTo(20'000), 10'000)); // the budget is spent: not proven
}
