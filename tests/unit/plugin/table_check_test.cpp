#include "plugin/table_check.hpp"

#include <functional>

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

std::string refusal(const std::function<void(const Library&)>& check) {
    const Library library(TEST_LIBRARIES "/tests/frozen_validator.so", "");
    try {
        check(library);
    } catch (const PluginError& fault) {
        return fault.what();
    }
    return "";
}

} // namespace

TEST_CASE("a table that is shorter than that of 1.0 is refused, a longer one is not") {
    CHECK(refusal([](const Library& library) { requireSize(library, "x/1", 64, 64); }).empty());
    CHECK(refusal([](const Library& library) { requireSize(library, "x/1", 800, 64); }).empty());
    CHECK_THAT(refusal([](const Library& library) { requireSize(library, "x/1", 63, 64); }),
               Catch::EndsWith("frozen_validator.so: table of x/1 has size 63, expected at least 64"));
}

TEST_CASE("every function that is missing is named") {
    CHECK(refusal([](const Library& library) { requireFunctions(library, "x/1", {{"create", true}}); }).empty());
    CHECK_THAT(refusal([](const Library& library) {
                   requireFunctions(library, "x/1", {{"create", false}, {"traits", true}, {"validate", false}});
               }),
               Catch::EndsWith("frozen_validator.so: table of x/1 has no function create, validate; abi.h marks those "
                               "that may be null as [optional]"));
}
