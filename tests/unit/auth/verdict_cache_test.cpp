#include "auth/verdict_cache.hpp"

#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const Sha256 digestA = sha256("a"), digestB = sha256("b");

CacheSubject subject(const Sha256& digest, std::string_view peer = "p1", std::string_view certificate = "c1") {
    return {digest, peer, certificate};
}

} // namespace

TEST_CASE("an accept is found again by exactly the requests that it holds for") {
    struct Row {
        const char* what;
        CachePolicy policy;
        bool same, otherPeer, otherCertificate, otherToken;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"never", CachePolicy::never(), false, false, false, false},
             {"never, per peer", CachePolicy::never().perPeer(), false, false, false, false},
             {"token", CachePolicy::forToken(), true, true, true, false},
             {"token and peer", CachePolicy::forToken().perPeer(), true, false, true, false},
             {"token and certificate", CachePolicy::forToken().perCertificate(), true, true, false, false},
             {"all three", CachePolicy::forToken().perCertificate().perPeer(), true, false, false, false}}) {
        DYNAMIC_SECTION(row.what) {
            TurnableClock clock;
            VerdictCache cache({}, clock);
            cache.keep(subject(digestA), row.policy, callerNamed("a"));
            CHECK((cache.accepted(subject(digestA)) != nullptr) == row.same);
            CHECK((cache.accepted(subject(digestA, "p2")) != nullptr) == row.otherPeer);
            CHECK((cache.accepted(subject(digestA, "p1", "c2")) != nullptr) == row.otherCertificate);
            CHECK((cache.accepted(subject(digestB)) != nullptr) == row.otherToken);
        }
    }
}

TEST_CASE("peer and certificate cannot be shifted into one another") {
    TurnableClock clock;
    VerdictCache cache({}, clock);
    const CachePolicy all = CachePolicy::forToken().perPeer().perCertificate();
    cache.keep(subject(digestA, "p", "1:c"), all, callerNamed("a"));
    CHECK(cache.accepted(subject(digestA, "p1:", "c")) == nullptr);
    CHECK(cache.accepted(subject(digestA, "p1", ":c")) == nullptr);
    CHECK(cache.accepted(subject(digestA, "p", "1:c")) != nullptr);
}

TEST_CASE("an accept ends with its policy or with its identity, whichever is first, by the wall clock") {
    struct Row {
        const char* what;
        std::chrono::seconds policy, identity;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"the policy first", 10s, 100s}, {"the identity first", 100s, 10s}}) {
        DYNAMIC_SECTION(row.what) {
            TurnableClock clock;
            VerdictCache cache({}, clock);
            cache.keep(subject(digestA), CachePolicy::forToken(row.policy),
                       callerNamed("a", clock.wall() + row.identity));
            clock.jumpWall(9'999ms);
            CHECK(cache.accepted(subject(digestA)) != nullptr);
            clock.jumpWall(1ms);
            CHECK(cache.accepted(subject(digestA)) == nullptr);
            CHECK(cache.size() == 0);
        }
    }
}

TEST_CASE("a reject is kept with its reason until its time") {
    TurnableClock clock;
    VerdictCache cache({}, clock);
    cache.keep(subject(digestA), CachePolicy::forToken(10s), Rejected::Reason::revoked);
    CHECK(cache.rejected(subject(digestA)) == Rejected::Reason::revoked);
    CHECK(cache.accepted(subject(digestA)) == nullptr);
    CHECK_FALSE(cache.rejected(subject(digestB)).has_value());
    clock.turn(10s);
    CHECK_FALSE(cache.rejected(subject(digestA)).has_value());
}

TEST_CASE("a verdict that may not be kept is not, and takes no room") {
    TurnableClock clock;
    VerdictCache cache({}, clock);
    cache.keep(subject(digestA), CachePolicy::never(), Rejected::Reason::unknown);
    cache.keep(subject(digestA), CachePolicy::never(), callerNamed("a"));
    CHECK(cache.size() == 0); // it takes no room from those that are kept
    CHECK_FALSE(cache.rejected(subject(digestA)).has_value());
    CHECK(cache.accepted(subject(digestA)) == nullptr);
}

TEST_CASE("a later verdict of the same requests replaces the earlier") {
    TurnableClock clock;
    VerdictCache cache({}, clock);
    cache.keep(subject(digestA), CachePolicy::forToken(), callerNamed("one"));
    cache.keep(subject(digestA), CachePolicy::forToken(), callerNamed("two"));
    CHECK(cache.accepted(subject(digestA))->identity.subject == "two");
    CHECK(cache.size() == 1);
}

TEST_CASE("at its limit each shelf gives up its oldest, and only its own") {
    TurnableClock clock;
    VerdictCache cache({2, 2}, clock);
    const Sha256 one = sha256("1"), two = sha256("2"), three = sha256("3");
    for (const Sha256* digest : {&one, &two, &three}) {
        cache.keep(subject(*digest), CachePolicy::forToken(), callerNamed("x"));
        cache.keep(subject(*digest), CachePolicy::forToken(), Rejected::Reason::unknown);
    }
    CHECK(cache.size() == 4);
    CHECK(cache.accepted(subject(one)) == nullptr);
    CHECK(cache.accepted(subject(two)) != nullptr);
    CHECK(cache.accepted(subject(three)) != nullptr);
    CHECK_FALSE(cache.rejected(subject(one)).has_value());
    CHECK(cache.rejected(subject(three)).has_value());
}

TEST_CASE("a flood of rejects drives no accept out") {
    TurnableClock clock;
    VerdictCache cache({10, 10}, clock);
    cache.keep(subject(digestA), CachePolicy::forToken(), callerNamed("a"));
    for (int i = 0; i < 1000; ++i)
        cache.keep(subject(sha256(std::to_string(i))), CachePolicy::forToken(), Rejected::Reason::unknown);
    CHECK(cache.accepted(subject(digestA)) != nullptr);
    CHECK(cache.size() == 11);
}

TEST_CASE("rejects are dropped together, accepts by name") {
    TurnableClock clock;
    VerdictCache cache({}, clock);
    cache.keep(subject(digestA), CachePolicy::forToken(), callerNamed("a"));
    cache.keep(subject(digestB), CachePolicy::forToken().perPeer(), callerNamed("b"));
    cache.keep(subject(sha256("c")), CachePolicy::forToken(), Rejected::Reason::unknown);
    cache.dropRejects();
    CHECK_FALSE(cache.rejected(subject(sha256("c"))).has_value());
    CHECK(cache.size() == 2);
    cache.dropAccepts([](const Caller& caller) { return caller.identity.tokenId == "b"; });
    CHECK(cache.accepted(subject(digestB)) == nullptr);
    CHECK(cache.accepted(subject(digestA)) != nullptr);
}
