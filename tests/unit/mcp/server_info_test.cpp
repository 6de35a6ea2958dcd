#include "mcp/server_info.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

using namespace gatehouse;

TEST_CASE("the server tells its name and version, the same everywhere") {
    const Json info = Json::parse(mcp::serverInfoJson());
    CHECK(info.at("name") == std::string(mcp::serverName()));
    CHECK(info.at("version") == std::string(mcp::serverVersion()));
    CHECK(mcp::serverVersion().find_first_of("0123456789") == 0);
}
