#include <gatehouse/verdict_builder.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

Accepted accepted(const Verdict& verdict) {
    REQUIRE(std::holds_alternative<Accepted>(verdict));
    return std::get<Accepted>(verdict);
}

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

} // namespace

TEST_CASE("an acceptance holds for its request alone, until it says more") {
    const Accepted out = accepted(accept("corp", "u").expires(at(2'000'000'000)));
    CHECK(out.cache.isNever());
    CHECK(out.identity.issuer == "corp");
    CHECK(out.identity.subject == "u");
    CHECK(out.identity.expiresAt == at(2'000'000'000));
    CHECK(accepted(accept("corp", "u")).identity.expiresAt == never);
}

TEST_CASE("what is kept ends with the time that was given, and with the token") {
    const Accepted early = accepted(accept("corp", "u").keepFor(30s).expires(at(2'000'000'000)));
    CHECK(early.cache.time() == 30s);
    CHECK(early.identity.expiresAt == at(2'000'000'000)); // at which the host ends it
    CHECK(accepted(accept("corp", "u").keepFor(-1s)).cache.isNever());
}

TEST_CASE("a verdict that depends on more than the token is kept for that alone, in any order of words") {
    for (const Verdict& verdict :
         {Verdict(accept("c", "u").keepFor(1s).perPeer()), Verdict(accept("c", "u").perPeer().keepFor(1s))}) {
        CHECK(accepted(verdict).cache.time() == 1s);
        CHECK(accepted(verdict).cache.isPerPeer());
        CHECK_FALSE(accepted(verdict).cache.isPerCertificate());
    }
    const CachePolicy narrow = accepted(accept("c", "u").perPeer().perCertificate().keepFor(1s)).cache;
    CHECK((narrow.isPerPeer() && narrow.isPerCertificate()));
}

TEST_CASE("a verdict that was not to be kept is not, whatever it depends on") {
    CHECK(accepted(accept("c", "u").perPeer()).cache.isNever());
}

TEST_CASE("no two callers share an isolation key") {
    const auto key = [](const char* issuer, const char* subject, const char* client) {
        return accepted(accept(issuer, subject).client(client)).identity.isolationKey;
    };
    CHECK(key("corp", "u", "") == "corp:u");
    CHECK(key("corp", "u", "app") == "corp:u:app");
    CHECK(key("a:b", "c", "") != key("a", "b:c", ""));
    CHECK(key("a", "b", "c") != key("a", "b:c", ""));
    CHECK(key("a\\", "b", "") != key("a", "\\b", ""));
    CHECK(key("a\\", ":b", "") != key("a\\:", "b", ""));
}

TEST_CASE("exp is read as RFC 7519 writes it") {
    CHECK(accepted(accept("c", "u").expires(Json(1'700'000'000))).identity.expiresAt == at(1'700'000'000));
    CHECK(accepted(accept("c", "u").expires(Json(1.5))).identity.expiresAt == WallTime(1500ms));
    CHECK(accepted(accept("c", "u").expires(Json(-1))).identity.expiresAt == at(0));
    CHECK(accepted(accept("c", "u").expires(Json(1e300))).identity.expiresAt == at(253'402'300'799));
    CHECK_THROWS(accept("c", "u").expires(Json("soon")));
}

TEST_CASE("the rest of an identity") {
    const Accepted out =
        accepted(accept("c", "u").tokenId("t").scopes({"a", "b"}).claims({{"team", "x"}}).alwaysNeeds({"base"}));
    CHECK(out.identity.tokenId == "t");
    CHECK(out.identity.scopes == std::vector<std::string>{"a", "b"});
    CHECK(out.identity.claimsJson == R"({"team":"x"})");
    CHECK(out.requiredScopes == std::vector<std::string>{"base"});
}

TEST_CASE("a rejection is never kept unasked, and unavailable says when to come again") {
    const Verdict no = reject(Reason::expired, "since yesterday");
    CHECK(std::get<Rejected>(no).reason == Rejected::Reason::expired);
    CHECK(std::get<Rejected>(no).detail == "since yesterday");
    CHECK(std::get<Rejected>(no).cache.isNever());
    CHECK(std::get<Unavailable>(unavailable("down", 9s)).retryAfter == 9s);
}
