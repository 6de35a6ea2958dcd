#include "cli/core_dumps.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>

using namespace gatehouse;

TEST_CASE("T25: no core is written, and who debugs can say otherwise") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_CORE, &before) == 0);
    REQUIRE(cli::forbidCoreDumps());
    rlimit after{};
    REQUIRE(::getrlimit(RLIMIT_CORE, &after) == 0);
    CHECK(after.rlim_cur == 0);
    CHECK(after.rlim_max == before.rlim_max);
    CHECK(::setrlimit(RLIMIT_CORE, &before) == 0);
}
