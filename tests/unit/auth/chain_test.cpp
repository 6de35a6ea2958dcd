#include "auth/chain.hpp"

#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Reason = Rejected::Reason;

// Says one thing, and remembers that it was asked.
class Member final : public TokenValidator {
public:
    explicit Member(Verdict verdict, ValidatorTraits own = {}) : says(std::move(verdict)), own_(std::move(own)) {}
    ValidatorTraits traits() const override { return own_; }
    Verdict validate(const TokenRequest& request) override {
        ++asked;
        if (request.trace) request.trace->push_back({"exp", true, "in an hour"});
        return says;
    }
    ExchangeAnswer exchange(const ExchangeRequest&) override {
        ++exchanged;
        return Exchanged{"exchanged"};
    }
    void identityGone(std::string_view key) override { gone = key; }

    Verdict says;
    int asked = 0, exchanged = 0;
    std::string gone;

private:
    ValidatorTraits own_;
};

const CachePolicy kept = CachePolicy::forToken();
Verdict yes() { return Accepted{identityNamed("alice"), kept, {}}; }
Verdict no(Reason reason) { return Rejected{reason, "why", kept, {}}; }

ValidatorTraits exchanging() {
    ValidatorTraits traits;
    traits.exchanges = true;
    return traits;
}

TokenRequest requestOf(std::string_view token) { return {token, "Bearer", "POST", "", "", "", sha256(token), {}}; }

} // namespace

TEST_CASE("the first that knows the kind of token decides, and none behind it is asked") {
    struct Row {
        const char* what;
        Verdict first, second;
        const char* outcome;
        int secondAsked;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"the first accepts", yes(), no(Reason::revoked), "accepted", 0},
             {"not mine: the next is asked", no(Reason::notMine), yes(), "accepted", 1},
             {"not mine, and refused by the next", no(Reason::notMine), no(Reason::expired), "second: why", 1},
             {"unknown is refused", no(Reason::unknown), yes(), "first: why", 0},
             {"expired is refused", no(Reason::expired), yes(), "first: why", 0},
             {"revoked is refused", no(Reason::revoked), yes(), "first: why", 0},
             {"malformed is refused", no(Reason::malformed), yes(), "first: why", 0},
             {"a bad signature is refused", no(Reason::badSignature), yes(), "first: why", 0},
             {"for others is refused", no(Reason::wrongAudience), yes(), "first: why", 0},
             {"too few scopes is refused", no(Reason::insufficientScope), yes(), "first: why", 0},
             {"forbidden is refused", no(Reason::forbidden), yes(), "first: why", 0},
             {"unavailable ends it", Unavailable{"down", 7s}, yes(), "first: down", 0},
             {"unavailable later ends it", no(Reason::notMine), Unavailable{"down", 7s}, "second: down", 1},
             {"nobody's", no(Reason::notMine), no(Reason::notMine), "none of first, second knows this kind of token",
              1}}) {
        DYNAMIC_SECTION(row.what) {
            Member first(row.first), second(row.second);
            Chain chain({{"first", &first}, {"second", &second}});
            const Verdict verdict = chain.validate(requestOf("t"));
            const auto* rejected = std::get_if<Rejected>(&verdict);
            const auto* later = std::get_if<Unavailable>(&verdict);
            CHECK((rejected ? rejected->detail : later ? later->detail : "accepted") == row.outcome);
            if (later) CHECK(later->retryAfter == 7s);
            CHECK(first.asked == 1);
            CHECK(second.asked == row.secondAsked);
        }
    }
}

TEST_CASE("nobody's token is nobody's for as long as all of them say, and for the requests that all of them mean") {
    struct Row {
        const char* what;
        CachePolicy first, second, both;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"both by token", kept, CachePolicy::forToken(5s), CachePolicy::forToken(5s)},
             {"the first ends earlier", CachePolicy::forToken(3s), kept, CachePolicy::forToken(3s)},
             {"one by its peer", kept, kept.perPeer(), kept.perPeer()},
             {"the first by its peer", kept.perPeer(), kept, kept.perPeer()},
             {"one by peer, one by certificate", kept.perPeer(), kept.perCertificate(),
              kept.perPeer().perCertificate()},
             {"the first for this request only", {}, kept, {}},
             {"the last for this request only", kept, {}, {}}}) {
        DYNAMIC_SECTION(row.what) {
            Member first(Rejected{Reason::notMine, "", row.first, {}}),
                second(Rejected{Reason::notMine, "", row.second, {}});
            Chain chain({{"first", &first}, {"second", &second}});
            const Verdict verdict = chain.validate(requestOf("t"));
            REQUIRE(std::holds_alternative<Rejected>(verdict));
            CHECK(std::get<Rejected>(verdict).reason == Reason::notMine);
            const CachePolicy& both = std::get<Rejected>(verdict).cache;
            CHECK(both.time() == row.both.time());
            CHECK(both.isPerPeer() == row.both.isPerPeer());
            CHECK(both.isPerCertificate() == row.both.isPerCertificate());
        }
    }
}

TEST_CASE("a verdict holds no longer than what the members before the one that decides have said") {
    const CachePolicy brief = CachePolicy::forToken(3s), byPeer = CachePolicy::forToken().perPeer();
    for (const Verdict& last : {yes(), no(Reason::expired)}) {
        Member first(Rejected{Reason::notMine, "", brief, {}}), second(Rejected{Reason::notMine, "", byPeer, {}}),
            third(last);
        Chain chain({{"first", &first}, {"second", &second}, {"third", &third}});
        const Verdict verdict = chain.validate(requestOf("t"));
        const auto* accepted = std::get_if<Accepted>(&verdict);
        const CachePolicy& cache = accepted ? accepted->cache : std::get<Rejected>(verdict).cache;
        CHECK(cache.time() == 3s);
        CHECK(cache.isPerPeer());
        first.says = Rejected{Reason::notMine, "", {}, {}}; // for that request only
        const Verdict once = chain.validate(requestOf("t"));
        accepted = std::get_if<Accepted>(&once);
        CHECK((accepted ? accepted->cache : std::get<Rejected>(once).cache).isNever());
    }
}

TEST_CASE("the verdict of the one that decides comes with its own cache policy and scopes") {
    Member first(no(Reason::notMine)), second(Accepted{identityNamed("a"), CachePolicy::forToken(9s), {"s"}});
    Chain chain({{"first", &first}, {"second", &second}});
    const Verdict verdict = chain.validate(requestOf("t"));
    REQUIRE(std::holds_alternative<Accepted>(verdict));
    CHECK(std::get<Accepted>(verdict).cache.time() == 9s);
    CHECK(std::get<Accepted>(verdict).requiredScopes == std::vector<std::string>{"s"});
}

TEST_CASE("members that read their credential from different places are no chain") {
    ValidatorTraits key;
    key.header = "X-Key";
    ValidatorTraits bare;
    bare.scheme = "none";
    for (const ValidatorTraits& other : {key, bare}) {
        Member first(yes()), second(yes(), other);
        CHECK_THROWS_WITH(Chain({{"first", &first}, {"second", &second}}),
                          Catch::StartsWith("auth.validator: first reads Authorization (Bearer) and second reads ") &&
                              Catch::EndsWith("; a chain has one header and one scheme"));
    }
}

TEST_CASE("a chain runs inline when all do, and names the authorization servers of all") {
    ValidatorTraits quick, slow;
    quick.runsInline = true;
    quick.authorizationServers = {"https://a"};
    slow.authorizationServers = {"https://b", "https://c"};
    Member first(yes(), quick), second(yes(), slow), third(yes(), quick);
    CHECK(Chain({{"1", &first}, {"3", &third}}).traits().runsInline);
    const auto both = Chain({{"1", &first}, {"2", &second}}).traits();
    CHECK_FALSE(both.runsInline);
    CHECK(both.authorizationServers == std::vector<std::string>{"https://a", "https://b", "https://c"});
    CHECK_FALSE(both.exchanges);
}

// B3: what was decided once is not asked again with a request that nobody made.
TEST_CASE("B3: the decider of a token is the member that exchanges it, and none is asked twice") {
    SECTION("the one that accepts exchanges") {
        Member first(no(Reason::notMine)), second(yes(), exchanging());
        Chain chain({{"first", &first}, {"second", &second}});
        CHECK(chain.traits().exchanges);
        CHECK(chain.decide(requestOf("t")).decider == &second);
        CHECK(first.asked == 1);
        CHECK(second.asked == 1);
    }
    SECTION("the one that accepts exchanges nothing: no credential, and no other sees the token") {
        Member first(no(Reason::notMine), exchanging()), second(yes());
        Chain chain({{"first", &first}, {"second", &second}});
        CHECK(chain.decide(requestOf("t")).decider == &chain);
        const Identity alice = identityNamed("alice");
        CHECK(std::holds_alternative<ExchangeRefused>(chain.exchange({"t", alice, "", 1s})));
        CHECK(first.exchanged == 0);
    }
    SECTION("two exchange: the one that accepts") {
        Member first(no(Reason::notMine), exchanging()), second(yes(), exchanging());
        Chain chain({{"first", &first}, {"second", &second}});
        CHECK(chain.decide(requestOf("t")).decider == &second);
    }
    SECTION("a member that is down decides nothing for the next") {
        Member first(Unavailable{"down", 1s}, exchanging()), second(yes(), exchanging());
        Chain chain({{"first", &first}, {"second", &second}});
        CHECK(std::holds_alternative<Unavailable>(chain.decide(requestOf("t")).verdict));
        CHECK(second.asked == 0);
    }
}

TEST_CASE("an explanation names each member up to the one that decided") {
    Member first(no(Reason::notMine)), second(no(Reason::expired)), third(yes());
    Chain chain({{"first", &first}, {"second", &second}, {"third", &third}});
    std::vector<TokenCheck> trace;
    TokenRequest request = requestOf("t");
    request.trace = &trace;
    CHECK(std::get<Rejected>(chain.validate(request)).detail == "second: why");
    REQUIRE(trace.size() == 2);
    CHECK(trace[0].rule == "first: exp");
    CHECK(trace[0].passed);
    CHECK(trace[0].detail == "in an hour");
    CHECK(trace[1].rule == "second: exp");
}

TEST_CASE("every member hears of an identity that has gone") {
    Member first(yes()), second(yes());
    Chain chain({{"first", &first}, {"second", &second}});
    chain.identityGone("alice");
    CHECK((first.gone == "alice" && second.gone == "alice"));
}
