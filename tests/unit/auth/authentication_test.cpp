// What a refused token means for its request.
#include <catch2/catch.hpp>

#include <set>

#include "auth/authentication.hpp"

using namespace gatehouse;
using Kind = AuthenticationFailure::Kind;

TEST_CASE("too few scopes are named to the caller, every other reason is for the log") {
    const auto narrow = failureOf({Rejected::Reason::insufficientScope, "needs more", {}, {"a", "b"}});
    CHECK(narrow.kind == Kind::narrowToken);
    CHECK(narrow.neededScopes == std::vector<std::string>{"a", "b"});
    const auto expired = failureOf({Rejected::Reason::expired, "an hour ago", {}});
    CHECK(expired.kind == Kind::invalidToken);
    CHECK(expired.reason == "expired");
    CHECK(expired.detail == "an hour ago");
}

TEST_CASE("each reason has a word of its own") {
    std::set<std::string_view> words;
    for (auto reason = Rejected::Reason::notMine; reason <= Rejected::Reason::insufficientScope;
         reason = static_cast<Rejected::Reason>(static_cast<std::uint32_t>(reason) + 1))
        words.insert(reasonName(reason));
    CHECK(words.size() == 9);
}
