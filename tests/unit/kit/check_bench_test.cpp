#include <catch2/catch.hpp>

#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

struct Given {
    Json settings;
    std::map<std::string, Json> others;
};

} // namespace

TEST_CASE("verdicts have names") {
    CHECK(nameOf(Accepted{}) == "accepted");
    CHECK(nameOf(Rejected{}) == "refused");
    CHECK(nameOf(Unavailable{}) == "unavailable");
}

TEST_CASE("a validator is made with its settings filled in, and with those that it asks") {
    KitBench at(Json{{"algorithms", {"HS256"}},
                     {"headers", {{"X-Tenant", "a"}}},
                     {"settings", {{"issuer", "${kit.issuer}"}}},
                     {"validators", {{"other", {{"deep", {"${kit.issuer}"}}}}}}});
    at.values = {{"issuer", "https://id"}};
    std::ostringstream out;
    CheckReport report(out);
    Given given;
    const MakeValidator make = [&](HostDeps& deps, const Json& settings, const std::map<std::string, Json>& others) {
        CHECK(&deps == &at.host.deps());
        given = {settings, others};
        return std::make_unique<ScriptedValidator>(Script{at.right()});
    };
    Subject made = at.bench(make, report).subject();
    CHECK(given.settings == Json{{"issuer", "https://id"}});
    CHECK(given.others == std::map<std::string, Json>{{"other", {{"deep", {"https://id"}}}}});
    CHECK(nameOf(made.judge(at.issuer.goodToken())) == "accepted");
    CHECK(made.requestFor("a").headers.at(0).name == "X-Tenant");
    CHECK(made.requestFor("a").url == kitAudience);
}

TEST_CASE("what a constructor throws is thrown on, and so is a value that the kit has not") {
    KitBench at(Json{{"settings", {{"issuer", "${kit.issuer}"}}}, {"algorithms", {"HS256"}}});
    std::ostringstream out;
    CheckReport report(out);
    const MakeValidator broken = [](auto&&...) -> std::unique_ptr<MadeValidator> { throw SettingsError("no"); };
    CHECK_THROWS_WITH(at.bench(broken, report).subject(), "${kit.issuer}: the kit has no such value");
    at.values = {{"issuer", "https://id"}};
    CHECK_THROWS_WITH(at.bench(broken, report).subject(), "no");
}

TEST_CASE("a validator that has yet to learn its keys is waited for") {
    KitBench at(Json{{"algorithms", {"HS256"}}, {"patience_seconds", 10}});
    std::ostringstream out;
    CheckReport report(out);
    int calls = 0;
    const MakeValidator make = making({[&, right = at.right()](const TokenRequest& request) -> Verdict {
        return ++calls <= 3 ? Verdict(Unavailable{}) : right(request);
    }});
    Subject ready = at.bench(make, report).readySubject();
    CHECK(calls == 4);
    CHECK(nameOf(ready.judge(at.issuer.goodToken())) == "accepted");
}

TEST_CASE("patience ends, and is not spent a second time") {
    KitBench at(Json{{"algorithms", {"HS256"}}});
    std::ostringstream out;
    CheckReport report(out);
    int calls = 0;
    const MakeValidator make = making({[&](const TokenRequest&) -> Verdict { return ++calls, Rejected{}; }});
    CheckBench made = at.bench(make, report);
    made.patience = std::chrono::seconds(1);
    static_cast<void>(made.readySubject());
    CHECK(calls > 1);
    CHECK(made.patience.count() == 0);
    calls = 0;
    static_cast<void>(made.readySubject());
    CHECK(calls == 1);
}

TEST_CASE("the good token is made now, or is the one that there is") {
    std::ostringstream out;
    CheckReport report(out);
    KitBench jwt(Json{{"algorithms", {"HS256"}}}), key(Json{{"tokens", "key"}}), opaque(Json{{"tokens", "opaque"}});
    const MakeValidator none = making(Script{});
    const CheckBench made = jwt.bench(none, report);
    CHECK(made.goodToken() != made.goodToken());
    const Verdict verdict = rightJudge(jwt.issuer)(made.goodToken("alice"));
    CHECK(std::get<Accepted>(verdict).identity.subject == "alice");
    CHECK(key.bench(none, report).goodToken("alice") == key.issuer.secret());
    CHECK(opaque.bench(none, report).goodToken().empty());
    opaque.classes = {{"introspection", "", {{"bad", "b", Wanted::refused, ""}, {"good", "g", Wanted::accepted, ""}}}};
    CHECK(opaque.bench(none, report).goodToken() == "g");
}

TEST_CASE("some case is the first that is wanted like that") {
    std::ostringstream out;
    CheckReport report(out);
    KitBench at(Json{{"tokens", "key"}});
    at.classes = {{"one", "", {{"a", "a", Wanted::refused, ""}}},
                  {"two", "", {{"b", "b", Wanted::refused, ""}, {"c", "c", Wanted::notAccepted, ""}}}};
    const MakeValidator none = making(Script{});
    const CheckBench made = at.bench(none, report);
    CHECK(made.someCase(Wanted::refused)->what == "a");
    CHECK(made.someCase(Wanted::notAccepted)->what == "c");
    CHECK(made.someCase(Wanted::accepted) == nullptr);
}
