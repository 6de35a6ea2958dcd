#include <catch2/catch.hpp>

#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

// A right validator of a JWT issuer, but for what it makes of identities.
struct Spoiled : KitBench {
    Spoiled() : KitBench(Json{{"algorithms", {"HS256"}}}) { classes = {goodTokens(issuer)}; }
    Words by(const std::function<void(Identity&)>& spoil) {
        return faultsOf(checkIdentity, Script{[&, judge = right()](const TokenRequest& request) {
                            Verdict verdict = judge(request);
                            if (auto* yes = std::get_if<Accepted>(&verdict)) spoil(yes->identity);
                            return verdict;
                        }});
    }
};

const std::string empty =
    "identity: the isolation key of an accepted token is empty: all callers would share a session";
const std::string other = "identity: an accepted token names another subject than its own";
const std::string oneKey = "identity: two subjects have one isolation key";
const std::string mark = "identity: two subjects have one isolation key, by a mark in their names";
const std::string lost =
    "identity: the next token of the same subject has another isolation key: its sessions are lost";

} // namespace

TEST_CASE("right identities have no fault") {
    Spoiled at;
    CHECK(at.by([](Identity&) {}).empty());
    CHECK_THAT(at.said, Catch::Contains("  identity       13 identities looked at\n"));
}

TEST_CASE("each wrong identity is named") {
    struct Row {
        const char* what;
        std::function<void(Identity&)> spoil;
        Words faults;
    };
    Spoiled at;
    for (const Row& row : std::initializer_list<Row>{
             {"an empty key",
              [](Identity& one) {
                  if (one.subject == "kit-user") one.isolationKey.clear();
              },
              {empty}},
             {"an empty key of everybody's", [](Identity& one) { one.isolationKey.clear(); }, {empty, oneKey, mark}},
             {"a key of everybody's", [](Identity& one) { one.isolationKey = "everybody"; }, {oneKey, mark}},
             {"a key by the length of the name",
              [](Identity& one) {
                  if (one.subject == "alice" || one.subject == "bob") one.isolationKey = "short";
              },
              {oneKey}},
             {"a key with a mark in it",
              [](Identity& one) { one.isolationKey = one.subject + "|" + one.clientId; },
              {mark}},
             {"another mark", [](Identity& one) { one.isolationKey = one.subject + "\n" + one.clientId; }, {mark}},
             {"a key of each token", [](Identity& one) { one.isolationKey += one.tokenId; }, {lost}},
             {"another subject",
              [](Identity& one) {
                  if (one.subject == "bob") one.subject = "admin";
              },
              {other}}}) {
        DYNAMIC_SECTION(row.what) { CHECK(withoutTimes(at.by(row.spoil)) == row.faults); }
    }
}

TEST_CASE("the identity of a token that says no subject needs only a key") {
    KitBench at(Json{{"tokens", "key"}});
    at.classes = {{"key", "", {{"the right text", at.issuer.secret(), Wanted::accepted, ""}}}};
    CHECK(at.faultsOf(checkIdentity, Script{at.rightKey()}).empty());
    CHECK(at.faultsOf(checkIdentity, Script{[](const TokenRequest&) { return Accepted{}; }}) == Words{empty});
}
