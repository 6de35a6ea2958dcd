#include "kit/subject.hpp"

#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

const std::map<std::string, std::string> headers{{"X-Tenant", "a"}, {"X-Trace", "b"}};

Subject subjectOf(Script script) {
    return {std::make_unique<ScriptedValidator>(std::move(script)), kitAudience, headers};
}

} // namespace

TEST_CASE("a token is judged as a server would have it judged") {
    TokenRequest seen;
    ValidatorTraits traits;
    traits.scheme = "Odd";
    Subject subject = subjectOf({[&](const TokenRequest& request) -> Verdict {
                                     seen = request;
                                     return Unavailable{"words"};
                                 },
                                 traits});
    const std::string token = "a token";
    const Verdict verdict = subject.judge(token, "192.0.2.1");
    REQUIRE(std::holds_alternative<Unavailable>(verdict));
    CHECK(std::get<Unavailable>(verdict).detail == "words");
    CHECK(seen.token == token);
    CHECK(seen.scheme == "Odd");
    CHECK(seen.method == "POST");
    CHECK(seen.url == kitAudience);
    CHECK(seen.peer == "192.0.2.1");
    CHECK(seen.certificate.empty());
    CHECK(seen.tokenSha256 == sha256(token));
    REQUIRE(seen.headers.size() == 2);
    CHECK(seen.headers[0].name == "X-Tenant");
    CHECK(seen.headers[1].value == "b");
}

TEST_CASE("who asks is this machine, when nobody is named") {
    Subject subject =
        subjectOf({[](const TokenRequest& request) -> Verdict { return Unavailable{std::string(request.peer)}; }});
    CHECK(std::get<Unavailable>(subject.judge("a")).detail == "127.0.0.1");
    CHECK(subject.requestFor("a").peer == "127.0.0.1");
}

TEST_CASE("the validator and its traits are there") {
    ValidatorTraits traits;
    traits.runsInline = traits.exchanges = true;
    Subject subject = subjectOf(
        {nullptr, traits, [](const ExchangeRequest& request) { return Exchanged{std::string(request.token) + "!"}; }});
    CHECK(subject.traits().runsInline);
    const ExchangeAnswer answer = subject.validator().exchange({"a", {}, "", std::chrono::milliseconds(1)});
    CHECK(std::get<Exchanged>(answer).credential == "a!");
}

TEST_CASE("a validator lives as long as its subject") {
    auto kept = std::make_shared<int>(1);
    const std::weak_ptr<int> there = kept;
    {
        const Subject subject = subjectOf({nullptr, {}, {}, std::move(kept)});
        CHECK_FALSE(there.expired());
    }
    CHECK(there.expired());
}
