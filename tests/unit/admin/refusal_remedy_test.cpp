#include "admin/refusal_remedy.hpp"

#include <set>

#include <catch2/catch.hpp>

using gatehouse::admin::remedyOf;

TEST_CASE("each reason for which a token of ours is refused has a remedy of its own") {
    std::set<std::string> told{remedyOf("something else")};
    for (const char* reason :
         {"expired", "revoked", "forbidden", "insufficient_scope", "tool_not_allowed", "rate_limit", "used_up"})
        CHECK(told.insert(remedyOf(reason)).second);
}
