#include <catch2/catch.hpp>

#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

const std::string tooLong = "caching: an accepted token may be kept for longer than it is valid";
const std::string lasting = "caching: the identity of an accepted token lasts longer than the token: streams stay open";
const std::string early = "caching: the refusal of a token that is not valid yet is kept after it has become valid";
const std::string address = "caching: verdicts differ by the caller's address, but are kept for every address";

struct Cached : KitBench {
    Cached() : KitBench(Json{{"algorithms", {"HS256"}}}) {}
    Words by(const std::function<void(const TokenRequest&, Verdict&)>& spoil) {
        return withoutTimes(faultsOf(checkCaching, Script{[&, judge = right()](const TokenRequest& request) {
                                         Verdict verdict = judge(request);
                                         spoil(request, verdict);
                                         return verdict;
                                     }}));
    }
    Words accepting(const std::function<void(Accepted&)>& spoil) {
        return by([&](const TokenRequest&, Verdict& verdict) {
            if (auto* yes = std::get_if<Accepted>(&verdict)) spoil(*yes);
        });
    }
    // Lets in from here only; verdicts vary by `varyBy`.
    Words fromHereOnly(std::uint32_t varyBy) {
        return by([varyBy](const TokenRequest& request, Verdict& verdict) {
            if (!std::holds_alternative<Accepted>(verdict)) return;
            if (request.peer == "127.0.0.1") std::get<Accepted>(verdict).cache.varyBy = varyBy;
            else verdict = Rejected{Rejected::Reason::forbidden, "", {varyBy, wallNow()}, {}};
        });
    }
};

} // namespace

TEST_CASE("verdicts that are kept for as long as they hold have no fault, and their cost is told") {
    Cached at;
    CHECK(at.by([](const TokenRequest&, Verdict&) {}).empty());
    CHECK_THAT(at.said, Catch::Contains("  caching        for each token: asking the validator costs "));
    CHECK(at.accepting([](Accepted& yes) { yes.cache = {}; }).empty());
    CHECK_THAT(at.said, Catch::Contains("  caching        never: every call asks the validator again and costs "));
    CHECK(at.accepting([](Accepted& yes) { yes.cache.varyBy |= CachePolicy::peer; }).empty());
    CHECK_THAT(at.said, Catch::Contains("  caching        for each token and peer: "));
}

TEST_CASE("what is kept for too long is named") {
    Cached at;
    CHECK(at.accepting([](Accepted& yes) { yes.cache.until = never; }) == Words{tooLong});
    CHECK(at.accepting([](Accepted& yes) { yes.cache.until += std::chrono::seconds(60); }) == Words{tooLong});
    CHECK(at.accepting([](Accepted& yes) { yes.identity.expiresAt = never; }) == Words{lasting});
    CHECK(at.accepting([](Accepted& yes) { yes.cache = {CachePolicy::thisRequest, never}; }).empty());
}

TEST_CASE("a token that is not valid yet may be refused only until then") {
    Cached at;
    const auto keep = [&](std::uint32_t varyBy, WallTime until) {
        return at.by([&](const TokenRequest&, Verdict& verdict) {
            if (auto* no = std::get_if<Rejected>(&verdict)) no->cache = {varyBy, until};
        });
    };
    CHECK(keep(CachePolicy::token, never) == Words{early});
    CHECK(keep(CachePolicy::token, wallNow() + std::chrono::seconds(30)).empty());
    CHECK(keep(CachePolicy::thisRequest, never).empty());
}

TEST_CASE("verdicts that differ by address are kept for an address, or not at all") {
    Cached at;
    CHECK(at.fromHereOnly(CachePolicy::token) == Words{address});
    CHECK(at.fromHereOnly(CachePolicy::token | CachePolicy::peer).empty());
    CHECK(at.fromHereOnly(CachePolicy::thisRequest).empty());
}

TEST_CASE("what a verdict costs is not measured when the good token is refused") {
    Cached at;
    CHECK(at.by([](const TokenRequest&, Verdict& verdict) { verdict = Rejected{}; }).empty());
    CHECK_THAT(at.said, Catch::Contains("  caching        not measured: the good token is refused\n"));
}
