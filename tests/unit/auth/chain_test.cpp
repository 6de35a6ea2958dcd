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
    Verdict validate(const TokenRequest&) override {
        ++asked;
        return says;
    }
    ExchangeAnswer exchange(const ExchangeRequest&) override {
        ++exchanged;
        return Exchanged{"exchanged"};
    }
    std::vector<TokenCheck> explain(const TokenRequest&) override { return {{"exp", true, "in an hour"}}; }
    void identityGone(std::string_view key) override { gone = key; }

    Verdict says;
    int asked = 0, exchanged = 0;
    std::string gone;

private:
    ValidatorTraits own_;
};

const CachePolicy kept{CachePolicy::token, never};
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
        CachePolicy first, second;
        std::uint32_t varyBy;
        WallTime until;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"both by token", kept, {CachePolicy::token, WallTime(5s)}, CachePolicy::token, WallTime(5s)},
             {"the first ends earlier", {CachePolicy::token, WallTime(3s)}, kept, CachePolicy::token, WallTime(3s)},
             {"one by its peer",
              kept,
              {CachePolicy::token | CachePolicy::peer, never},
              CachePolicy::token | CachePolicy::peer,
              never},
             {"the first by its peer",
              {CachePolicy::token | CachePolicy::peer, never},
              kept,
              CachePolicy::token | CachePolicy::peer,
              never},
             {"one by peer, one by certificate",
              {CachePolicy::peer, never},
              {CachePolicy::certificate, never},
              CachePolicy::token | CachePolicy::peer | CachePolicy::certificate,
              never},
             {"the first for this request only", {}, kept, CachePolicy::thisRequest, {}},
             {"the last for this request only", kept, {}, CachePolicy::thisRequest, {}}}) {
        DYNAMIC_SECTION(row.what) {
            Member first(Rejected{Reason::notMine, "", row.first, {}}),
                second(Rejected{Reason::notMine, "", row.second, {}});
            Chain chain({{"first", &first}, {"second", &second}});
            const Verdict verdict = chain.validate(requestOf("t"));
            REQUIRE(std::holds_alternative<Rejected>(verdict));
            CHECK(std::get<Rejected>(verdict).reason == Reason::notMine);
            CHECK(std::get<Rejected>(verdict).cache.varyBy == row.varyBy);
            if (row.varyBy != CachePolicy::thisRequest) CHECK(std::get<Rejected>(verdict).cache.until == row.until);
        }
    }
}

TEST_CASE("a verdict holds no longer than what the members before the one that decides have said") {
    const CachePolicy brief{CachePolicy::token, WallTime(3s)}, byPeer{CachePolicy::token | CachePolicy::peer, never};
    for (const Verdict& last : {yes(), no(Reason::expired)}) {
        Member first(Rejected{Reason::notMine, "", brief, {}}), second(Rejected{Reason::notMine, "", byPeer, {}}),
            third(last);
        Chain chain({{"first", &first}, {"second", &second}, {"third", &third}});
        const Verdict verdict = chain.validate(requestOf("t"));
        const auto* accepted = std::get_if<Accepted>(&verdict);
        const CachePolicy& cache = accepted ? accepted->cache : std::get<Rejected>(verdict).cache;
        CHECK(cache.until == WallTime(3s));
        CHECK(cache.varyBy == (CachePolicy::token | CachePolicy::peer));
        first.says = Rejected{Reason::notMine, "", {}, {}}; // for that request only
        const Verdict once = chain.validate(requestOf("t"));
        accepted = std::get_if<Accepted>(&once);
        CHECK((accepted ? accepted->cache : std::get<Rejected>(once).cache).varyBy == CachePolicy::thisRequest);
    }
}

TEST_CASE("the verdict of the one that decides comes with its own cache policy and scopes") {
    Member first(no(Reason::notMine)), second(Accepted{identityNamed("a"), {CachePolicy::token, WallTime(9s)}, {"s"}});
    Chain chain({{"first", &first}, {"second", &second}});
    const Verdict verdict = chain.validate(requestOf("t"));
    REQUIRE(std::holds_alternative<Accepted>(verdict));
    CHECK(std::get<Accepted>(verdict).cache.until == WallTime(9s));
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
    const auto checks = chain.explain(requestOf("t"));
    REQUIRE(checks.size() == 2);
    CHECK(checks[0].claim == "first: exp");
    CHECK(checks[1].claim == "second: exp");
}

TEST_CASE("every member hears of an identity that has gone") {
    Member first(yes()), second(yes());
    Chain chain({{"first", &first}, {"second", &second}});
    chain.identityGone("alice");
    CHECK((first.gone == "alice" && second.gone == "alice"));
}
