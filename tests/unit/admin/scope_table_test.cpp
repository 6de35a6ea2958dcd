#include "admin/scope_table.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::admin;

TEST_CASE("the scopes of the guide can be given, each with its meaning, and those of the policy") {
    const auto all = grantableScopes({"read:reports", "read:tasks", "write:*"});
    for (const char* scope : {"execute:mcp", "read:tasks", "write:tasks", "read:context", "write:context",
                              "read:agents", "write:agents", "write:data", "read:reports"})
        CHECK(std::count(all.begin(), all.end(), scope) == 1);
    CHECK(std::count(all.begin(), all.end(), "write:*") == 0);
    const Json table = scopeTable({"read:reports"});
    CHECK(table.size() == 9);
    for (const Json& row : table) CHECK_FALSE(row["description"].get<std::string>().empty());
}

TEST_CASE("what is given on the host alone is not offered, though the policy names it") {
    for (const char* reserved : {"mcp:admin", "*", "tokens:manage"}) {
        CHECK(isReservedScope(reserved));
        const auto all = grantableScopes({reserved});
        CHECK(std::count(all.begin(), all.end(), reserved) == 0);
    }
    CHECK_FALSE(isReservedScope("read:tasks"));
}

TEST_CASE("a token that asks for nothing may only read") {
    for (const std::string& scope : leastScopes()) CHECK(scope.rfind("read:", 0) == 0);
}
