// What a caller may do on a route: by its scopes, its origin, and the route's own policy.
#include <catch2/catch.hpp>

#include "auth/authorizer.hpp"

using namespace gatehouse;

namespace {

using Texts = std::vector<std::string>;

Policy policyOf(const char* json) { return Policy(Settings(Json::parse(json), "auth.policy")); }

Caller callerWith(Texts scopes, Caller::Origin origin = Caller::Origin::token) {
    Caller caller;
    caller.identity.scopes = std::move(scopes);
    caller.origin = origin;
    return caller;
}

constexpr const char* twoRules = R"({"rules":[{"tools":["read_*"],"scopes":["read:docs"]}]})";

} // namespace

TEST_CASE("two routes judge one caller, each by its own policy") {
    Authorizer narrow(policyOf(R"({"required_scopes":["admin:all"]})"));
    Authorizer wide(policyOf(R"({"required_scopes":["read:docs"]})"));
    const Caller caller = callerWith({"read:docs"});
    CHECK(narrow.lacking(caller, *narrow.grantsOf(caller)) == Texts{"admin:all"});
    CHECK(wide.lacking(caller, *wide.grantsOf(caller)).empty());
}

TEST_CASE("a caller needs what its validator wants as well as what the policy wants") {
    Authorizer authorizer(policyOf(R"({"required_scopes":["a"]})"));
    Caller caller = callerWith({"a"});
    caller.requiredScopes = {"b"};
    CHECK(authorizer.lacking(caller, *authorizer.grantsOf(caller)) == Texts{"a", "b"});
    Authorizer open{Policy()};
    CHECK(open.lacking(caller, *open.grantsOf(caller)) == Texts{"b"});
}

TEST_CASE("local callers may do everything, others what their scopes say") {
    Authorizer authorizer(policyOf(twoRules));
    CHECK(authorizer.grantsOf(callerWith({}, Caller::Origin::local))->has("read:docs"));
    CHECK_FALSE(authorizer.grantsOf(callerWith({}, Caller::Origin::fallback))->has("read:docs"));
    CHECK_FALSE(authorizer.grantsOf(callerWith({"other"}))->has("read:docs"));
    CHECK(authorizer.grantsOf(callerWith({"write:docs"}))->has("read:docs"));
}

TEST_CASE("a policy that asks for nothing grants everything, without working anything out") {
    Authorizer authorizer{Policy()};
    CHECK(authorizer.grantsOf(callerWith({"a"})) == authorizer.grantsOf(callerWith({"b"})));
    CHECK(authorizer.grantsOf(callerWith({}))->has("anything"));
}

TEST_CASE("grants are worked out once for a set of scopes, and sets are told apart") {
    Authorizer authorizer(policyOf(twoRules));
    CHECK(authorizer.grantsOf(callerWith({"a", "b"})) == authorizer.grantsOf(callerWith({"a", "b"})));
    const GrantsPtr one = authorizer.grantsOf(callerWith({"read:docs x"}));
    const GrantsPtr two = authorizer.grantsOf(callerWith({"read:docs", "x"}));
    CHECK_FALSE(one->has("read:docs"));
    CHECK(two->has("read:docs"));
}

TEST_CASE("at the bound of kept sets all are forgotten, and grants that are held stay good") {
    Authorizer authorizer(policyOf(twoRules));
    const GrantsPtr first = authorizer.grantsOf(callerWith({"read:docs"}));
    CHECK(authorizer.grantsOf(callerWith({"read:docs"})) == first);
    for (std::size_t i = 1; i < Authorizer::maxKept; ++i) authorizer.grantsOf(callerWith({"s" + std::to_string(i)}));
    CHECK(authorizer.grantsOf(callerWith({"read:docs"})) == first);
    authorizer.grantsOf(callerWith({"one more"}));
    CHECK(authorizer.grantsOf(callerWith({"read:docs"})) != first);
    CHECK(first->has("read:docs"));
}
