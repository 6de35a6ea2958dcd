#include <catch2/catch.hpp>

#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

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
    // Lets in from here only; what may be kept is `policy`.
    Words fromHereOnly(const CachePolicy& policy) {
        return by([policy](const TokenRequest& request, Verdict& verdict) {
            if (!std::holds_alternative<Accepted>(verdict)) return;
            if (request.peer == "127.0.0.1") std::get<Accepted>(verdict).cache = policy;
            else verdict = Rejected{Rejected::Reason::forbidden, "", policy, {}};
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
    CHECK(at.accepting([](Accepted& yes) { yes.cache = yes.cache.perPeer(); }).empty());
    CHECK_THAT(at.said, Catch::Contains("  caching        for each token and peer: "));
}

TEST_CASE("what is kept for too long is named") {
    Cached at;
    CHECK(at.accepting([](Accepted& yes) { yes.identity.expiresAt = never; }) == Words{lasting});
    CHECK(at.accepting([](Accepted& yes) { yes.identity.expiresAt += std::chrono::seconds(61); }) == Words{lasting});
    CHECK(at.accepting([](Accepted& yes) { yes.cache = CachePolicy::forToken(); }).empty()); // ends with the identity
}

TEST_CASE("the end of an opaque token, and of one of the store, is looked at too") {
    for (const char* kind : {"opaque", "stored"}) {
        for (const bool lasts : {true, false}) {
            DYNAMIC_SECTION(kind << (lasts ? ", too long" : "")) {
                KitBench at(Json{{"tokens", kind}});
                const WallTime soon = wallNow() + std::chrono::seconds(20);
                const auto faults = at.faultsOf(checkCaching, Script{[&](const TokenRequest&) -> Verdict {
                                                    Accepted yes;
                                                    yes.identity.isolationKey = "x";
                                                    yes.identity.expiresAt = lasts ? never : soon;
                                                    return yes;
                                                }});
                CHECK(faults == (lasts ? Words{lasting} : Words{}));
            }
        }
    }
}

TEST_CASE("a token that is not valid yet may be refused only until then") {
    Cached at;
    const auto keep = [&](const CachePolicy& policy) {
        return at.by([&](const TokenRequest&, Verdict& verdict) {
            if (auto* no = std::get_if<Rejected>(&verdict)) no->cache = policy;
        });
    };
    CHECK(keep(CachePolicy::forToken()) == Words{early});
    CHECK(keep(CachePolicy::forToken(std::chrono::seconds(30))).empty());
    CHECK(keep(CachePolicy::never()).empty());
}

TEST_CASE("verdicts that differ by address are kept for an address, or not at all") {
    Cached at;
    CHECK(at.fromHereOnly(CachePolicy::forToken(std::chrono::seconds(1))) == Words{address});
    CHECK(at.fromHereOnly(CachePolicy::forToken(std::chrono::seconds(1)).perPeer()).empty());
    CHECK(at.fromHereOnly(CachePolicy::never()).empty());
}

TEST_CASE("what a verdict costs is not measured when the good token is refused") {
    Cached at;
    CHECK(at.by([](const TokenRequest&, Verdict& verdict) { verdict = Rejected{}; }).empty());
    CHECK_THAT(at.said, Catch::Contains("  caching        not measured: the good token is refused\n"));
}
