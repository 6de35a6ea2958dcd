#include "tokens/generations.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a generation says what is gone since, and only that") {
    Generations generations;
    const auto start = generations.number();
    generations.begin({"a"});
    const auto middle = generations.number();
    generations.begin({});
    generations.begin({"b", "c"});
    CHECK(generations.since(start).gone == std::vector<std::string>{"a", "b", "c"});
    CHECK(generations.since(middle).gone == std::vector<std::string>{"b", "c"});
    CHECK(generations.since(generations.number()).gone.empty());
    CHECK_FALSE(generations.since(start).all);
}

TEST_CASE("further back than is kept everything may have changed") {
    Generations generations;
    const auto start = generations.number();
    for (std::size_t i = 0; i <= Generations::maxKept; ++i) generations.begin({"a"});
    CHECK(generations.since(start).all);
    CHECK(generations.since(start).gone.empty());
    CHECK_FALSE(generations.since(start + 1).all);
}
