#include <catch2/catch.hpp>

#include "support/string_console.hpp"

TEST_CASE("the digest of standard input is printed") {}
