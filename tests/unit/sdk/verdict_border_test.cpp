#include <gatehouse/verdict_border.hpp>

#include <functional>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace std::chrono_literals;
using border::str;

namespace {

// A good accept, to be spoilt.
struct Given {
    Given() {
        identity.size = sizeof(identity);
        identity.issuer = identity.subject = identity.isolation_key = str("alice");
        identity.claims_json = str(R"({"a":1})");
        identity.scopes = &scope;
        identity.scope_count = 1;
        identity.expires_at_ms = GATEHOUSE_NEVER;
        verdict.size = sizeof(verdict);
        verdict.kind = GATEHOUSE_ACCEPT;
        verdict.identity = &identity;
    }
    gatehouse_str scope = str("read");
    gatehouse_identity identity{};
    gatehouse_verdict verdict{};
};

gatehouse_verdict rejection(std::uint32_t reason = GATEHOUSE_REASON_EXPIRED) {
    gatehouse_verdict no{};
    no.size = sizeof(no);
    no.kind = GATEHOUSE_REJECT;
    no.reason = reason;
    no.detail = str("why");
    return no;
}

void put(border::VerdictBox& box, const gatehouse_verdict* verdict) {
    const gatehouse_verdict_sink sink = box.sink();
    sink.put(sink.ctx, verdict);
}

} // namespace

TEST_CASE("a verdict that is as it should be is taken whole") {
    Given given;
    given.verdict.cache_ms = 5000;
    given.verdict.cache_flags = GATEHOUSE_CACHE_PER_PEER;
    border::VerdictBox box;
    put(box, &given.verdict);
    CHECK(box.fault() == nullptr);
    const Verdict verdict = box.release();
    REQUIRE(std::holds_alternative<Accepted>(verdict));
    const auto& yes = std::get<Accepted>(verdict);
    CHECK(yes.identity.scopes == std::vector<std::string>{"read"});
    CHECK(yes.cache.time() == 5s);
    CHECK(yes.cache.isPerPeer());
    CHECK_FALSE(yes.cache.isPerCertificate());
}

TEST_CASE("a verdict that cannot be used is unavailable, and says why") {
    struct Row {
        const char* fault;
        std::function<void(Given&)> spoil;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a verdict whose size is too small", [](Given& g) { g.verdict.size = GATEHOUSE_VERDICT_SIZE_1_0 - 1; }},
             {"a verdict of no known kind", [](Given& g) { g.verdict.kind = 0; }},
             {"a verdict of no known kind", [](Given& g) { g.verdict.kind = 4; }},
             {"needed_scopes that are null", [](Given& g) { g.verdict.needed_scope_count = 1; }},
             {"an accept without an identity", [](Given& g) { g.verdict.identity = nullptr; }},
             {"an identity whose size is too small", [](Given& g) { g.identity.size = 8; }},
             {"scopes that are null", [](Given& g) { g.identity.scopes = nullptr; }},
             {"an identity that is not UTF-8",
              [](Given& g) {
                  g.identity.subject = {"\xff", 1};
              }},
             {"an identity that is not UTF-8",
              [](Given& g) {
                  g.identity.isolation_key = {"\xc3", 1};
              }},
             {"a scope that is not UTF-8",
              [](Given& g) {
                  g.scope = {"\xed\xa0\x80", 3};
              }},
             {"an identity without isolation_key", [](Given& g) { g.identity.isolation_key = {}; }},
             {"claims_json that is not a JSON object", [](Given& g) { g.identity.claims_json = str("[]"); }},
             {"claims_json that is not a JSON object", [](Given& g) { g.identity.claims_json = str("{bad"); }},
             {"claims_json that is not a JSON object", [](Given& g) {
                  g.identity.claims_json = {"{\xff}", 3};
              }}}) {
        DYNAMIC_SECTION(row.fault) {
            Given given;
            row.spoil(given);
            border::VerdictBox box;
            put(box, &given.verdict);
            REQUIRE(box.fault() != nullptr);
            CHECK(box.fault() == std::string(row.fault));
            const Verdict verdict = box.release();
            REQUIRE(std::holds_alternative<Unavailable>(verdict));
            CHECK(std::get<Unavailable>(verdict).detail == "the validator gave " + std::string(row.fault));
        }
    }
    border::VerdictBox none, null;
    CHECK(none.fault() == std::string("no verdict"));
    CHECK(std::holds_alternative<Unavailable>(none.release()));
    put(null, nullptr);
    CHECK(null.fault() == std::string("a null verdict"));
    CHECK(std::holds_alternative<Unavailable>(null.release()));
}

TEST_CASE("of several verdicts the first counts, usable or not") {
    Given given;
    const gatehouse_verdict no = rejection();
    border::VerdictBox rejected, accepted, unusable;
    put(rejected, &no);
    put(rejected, &given.verdict);
    CHECK(rejected.fault() == std::string("two verdicts"));
    CHECK(std::holds_alternative<Rejected>(rejected.release()));
    put(accepted, &given.verdict);
    put(accepted, &no);
    CHECK(accepted.fault() == std::string("two verdicts"));
    CHECK(std::holds_alternative<Accepted>(accepted.release()));
    put(unusable, nullptr);
    put(unusable, &given.verdict);
    CHECK(unusable.fault() == std::string("a null verdict"));
    CHECK(std::holds_alternative<Unavailable>(unusable.release()));
}

TEST_CASE("a reason that is not known is unknown, and a time below zero is none") {
    gatehouse_verdict no = rejection(99);
    no.cache_ms = -1;
    border::VerdictBox box;
    put(box, &no);
    const Verdict verdict = box.release();
    CHECK(std::get<Rejected>(verdict).reason == Rejected::Reason::unknown);
    CHECK(std::get<Rejected>(verdict).cache.isNever());
}

TEST_CASE("every policy crosses the border as it is") {
    for (const CachePolicy& policy : {CachePolicy::never(), CachePolicy::forToken(), CachePolicy::forToken(250ms),
                                      CachePolicy::forToken(1h).perPeer(), CachePolicy::forToken().perCertificate(),
                                      CachePolicy::forToken(1s).perPeer().perCertificate()}) {
        border::VerdictBox box;
        border::putVerdict(box.sink(), Rejected{Rejected::Reason::revoked, "why", policy, {"a"}});
        const Verdict verdict = box.release();
        const CachePolicy& back = std::get<Rejected>(verdict).cache;
        CHECK(back.time() == policy.time());
        CHECK(back.isPerPeer() == policy.isPerPeer());
        CHECK(back.isPerCertificate() == policy.isPerCertificate());
    }
}

TEST_CASE("a policy can only be narrowed") {
    const CachePolicy brief = CachePolicy::forToken(1s), byPeer = CachePolicy::forToken().perPeer();
    const CachePolicy both = brief.narrowedBy(byPeer);
    CHECK((both.time() == 1s && both.isPerPeer() && !both.isPerCertificate()));
    CHECK(byPeer.narrowedBy(CachePolicy::never()).isNever());
    CHECK(CachePolicy::never().perPeer().isNever());
    CHECK(CachePolicy::forToken(-5s).isNever());
    CHECK(CachePolicy().isNever());
}
