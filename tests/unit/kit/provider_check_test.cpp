#include <catch2/catch.hpp>

#include "plugin/library.hpp"
#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

using Judge = std::function<Verdict(const TokenRequest&, const Verdict& right)>;

struct Provided : KitBench {
    Provided() { classes = {wrongTimes(issuer, 60)}; }
    // A right validator that fetches its keys; where it cannot decide, or always, `otherwise` says something else.
    Words by(const Judge& otherwise) {
        return faultsOf(checkProvider, making([&](HostDeps& deps) {
                            auto keys = std::make_shared<FetchedKeys>(deps, provider.keysUrl());
                            return Script{[keys, &otherwise, rules = rulesFor(issuer)](const TokenRequest& request) {
                                const auto source = [&](const std::string& id) { return keys->answerFor(id); };
                                return otherwise(request,
                                                 jose::judgeAccessToken(request.token, source, rules, wallNow()));
                            }};
                        }));
    }
};

Verdict asRight(const TokenRequest&, const Verdict& right) { return right; }

const std::string source = " (RFC 6750 section 3.1: invalid_token says that the token is wrong)";

// The same words for each way in which a provider can be down.
Words forEachHealth(const std::string& before, const std::string& after) {
    Words out;
    for (const Health health : {Health::failing, Health::garbage, Health::gone})
        out.insert("provider: " + before + ", while its provider " + wordsFor(health) + after);
    return out;
}

} // namespace

TEST_CASE("who cannot decide while the provider is down has no fault") {
    Provided at;
    CHECK(at.by(asRight).empty());
    CHECK_THAT(at.said, Catch::Contains("  provider       failing, garbage and gone: "));
    CHECK(at.by(asRight).empty()); // the provider is well again, with the keys of the issuer
}

TEST_CASE("who asks no provider has nothing to be looked at") {
    Provided at;
    CHECK(at.faultsOf(checkProvider, Script{at.right()}).empty());
    CHECK(at.said == "  provider       none is asked\npassed: 0 tokens, 0 faults\n");
}

TEST_CASE("who lets tokens in once its keys could not be loaded is named, though it could not decide before") {
    Provided at;
    int undecided = 0;
    const auto faults = at.by([&](const TokenRequest&, const Verdict& right) -> Verdict {
        const bool isFirst = std::holds_alternative<Unavailable>(right) && undecided++ == 0;
        return std::holds_alternative<Unavailable>(right) && !isFirst ? Verdict(Accepted{}) : right;
    });
    CHECK(faults.count("provider: a token is accepted before any key of the provider was seen, while its provider " +
                       std::string(wordsFor(Health::failing))) == 1);
}

TEST_CASE("who lets good tokens in while nobody can know them is named") {
    Provided at;
    const auto good = rightJudge(at.issuer);
    Words wanted = forEachHealth("a token is accepted before any key of the provider was seen", "");
    CHECK(at.by([&](const TokenRequest& request, const Verdict& right) -> Verdict {
        const bool isGood = std::holds_alternative<Accepted>(good(std::string(request.token)));
        return std::holds_alternative<Unavailable>(right) && isGood ? Verdict(Accepted{}) : right;
    }) == wanted);
}

TEST_CASE("who lets everybody in while the provider is down is named for every token") {
    Provided at;
    Words wanted = forEachHealth("a token is accepted before any key of the provider was seen", "");
    wanted.merge(forEachHealth("a token without exp is accepted", ""));
    wanted.insert("provider: a token of a key that was never seen is accepted, while its provider is down");
    CHECK(at.by([](const TokenRequest&, const Verdict& right) {
        return std::holds_alternative<Unavailable>(right) ? Verdict(Accepted{}) : right;
    }) == wanted);
}

TEST_CASE("who says that a good token is wrong while the provider is down is named") {
    Provided at;
    Words wanted = forEachHealth("a good token is refused", "; expected unavailable" + source);
    wanted.insert("provider: a token of a new key is refused, while its provider is down; expected unavailable" +
                  source);
    CHECK(at.by([](const TokenRequest&, const Verdict& right) {
        return std::holds_alternative<Unavailable>(right) ? Verdict(Rejected{}) : right;
    }) == wanted);
}

TEST_CASE("who forgets the keys that it knew, and refuses, is named") {
    Provided at;
    bool isDown = false;
    const auto forgets = [&](const TokenRequest& request, const Verdict& right) -> Verdict {
        if (std::holds_alternative<Unavailable>(right)) isDown = true;
        const bool isKnown = std::holds_alternative<Accepted>(right);
        return isDown && isKnown && !request.token.empty() ? Verdict(Rejected{}) : right;
    };
    CHECK(at.by(forgets) == forEachHealth("a good token is refused", "; expected accepted or unavailable" + source));
}

TEST_CASE("who does not start without its provider has no fault") {
    for (const bool isPlugin : {false, true}) {
        Provided at;
        CHECK(at.faultsOf(checkProvider, making([&](HostDeps& deps) {
                              auto keys = std::make_shared<FetchedKeys>(deps, at.provider.keysUrl());
                              if (std::holds_alternative<Unavailable>(keys->answerFor("any"))) {
                                  if (isPlugin) throw PluginError("no keys");
                                  throw SettingsError("no keys");
                              }
                              return Script{[keys, rules = rulesFor(at.issuer)](const TokenRequest& request) {
                                  const auto from = [&](const std::string& id) { return keys->answerFor(id); };
                                  return jose::judgeAccessToken(request.token, from, rules, wallNow());
                              }};
                          }))
                  .empty());
    }
}
