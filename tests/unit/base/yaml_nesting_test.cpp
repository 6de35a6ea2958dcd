#include "base/yaml_nesting.hpp"

#include <string>

#include <catch2/catch.hpp>

using gatehouse::lineNestedTooDeeply;
using gatehouse::maxYamlNesting;

TEST_CASE("what can be nested as deep as the bound is read") {
    CHECK_FALSE(lineNestedTooDeeply(""));
    CHECK_FALSE(lineNestedTooDeeply("tokens:\n  - id: a\n    note: [x, {y: z}]\n"));
    CHECK_FALSE(lineNestedTooDeeply(std::string(maxYamlNesting, '[') + std::string(maxYamlNesting, ']')));
    CHECK_FALSE(lineNestedTooDeeply(std::string(4 * maxYamlNesting, ' ') + "a: 1"));
}

TEST_CASE("the first line with one more is named") {
    CHECK(lineNestedTooDeeply("a:\nb: " + std::string(maxYamlNesting + 1, '{')) == 2);
    CHECK(lineNestedTooDeeply("\n\n" + std::string(4 * maxYamlNesting + 1, ' ') + "a: 1") == 3);
    CHECK(lineNestedTooDeeply(std::string(4 * maxYamlNesting + 1, '-')) == 1);
}

TEST_CASE("brackets that were closed do not count, nor do those that close nothing") {
    std::string pairs;
    for (int i = 0; i < 1000; ++i) pairs += "[]";
    CHECK_FALSE(lineNestedTooDeeply(pairs));
    CHECK(lineNestedTooDeeply("]]]]" + std::string(maxYamlNesting + 1, '[')) == 1);
}

TEST_CASE("blanks within a line are no nesting") {
    CHECK_FALSE(lineNestedTooDeeply("a:" + std::string(1000, ' ') + "b"));
}
