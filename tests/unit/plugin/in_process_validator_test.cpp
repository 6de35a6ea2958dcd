#include "plugin/in_process_validator.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/settings.hpp>
#include <gatehouse/testing.hpp>

using namespace gatehouse;
using gatehouse::testing::FakeHost;

namespace {

struct Own final : TokenValidator {
    ValidatorTraits traits() const override {
        ++asked;
        return own;
    }
    Verdict validate(const TokenRequest&) override { return verdict; }
    std::string notReady() const override { return "not yet"; }
    void identityGone(std::string_view isolationKey) override { gone = isolationKey; }

    ValidatorTraits own;
    Verdict verdict = Unavailable{};
    std::string gone;
    mutable int asked = 0;
};

struct Fixture {
    explicit Fixture(const ValidatorTraits& traits = {}) {
        auto made = std::make_unique<Own>();
        made->own = traits;
        own = made.get();
        validator = inProcessValidator(std::move(made), host);
    }
    Verdict judge(Verdict verdict) {
        own->verdict = std::move(verdict);
        return gatehouse::testing::judge(*validator, "token");
    }
    FakeHost host;
    Own* own = nullptr;
    std::unique_ptr<TokenValidator> validator;
};

Identity someone() {
    Identity identity;
    identity.issuer = identity.subject = identity.isolationKey = "ann";
    return identity;
}

} // namespace

TEST_CASE("the traits of a validator that was compiled in are read once") {
    ValidatorTraits traits;
    traits.header = "X-Key";
    traits.scheme = "none";
    Fixture f(traits);
    traits.header = "Other";
    f.own->own = traits;
    CHECK(f.validator->traits().header == "X-Key");
    CHECK(f.own->asked == 1);
}

TEST_CASE("traits that no header can have refuse the validator") {
    ValidatorTraits odd;
    odd.header = "X Key";
    CHECK_THROWS_WITH(Fixture(odd), "traits: header \"X Key\" is not a header name");
    odd = ValidatorTraits();
    odd.scheme = "Bear\r\ner";
    CHECK_THROWS_WITH(Fixture(odd), Catch::StartsWith("traits: scheme \"Bear") && Catch::EndsWith("is not a token"));
    odd.scheme = "";
    CHECK_THROWS_AS(Fixture(odd), SettingsError);
}

TEST_CASE("a verdict is passed on, and an identity that nothing can be bound to is none") {
    Fixture f;
    CHECK(std::get<Accepted>(f.judge(Accepted{someone(), {}, {}})).identity.subject == "ann");
    CHECK(std::holds_alternative<Rejected>(f.judge(Rejected{Rejected::Reason::unknown, "", {}, {}})));
    CHECK(f.host.lines.empty());
    Identity unbound = someone();
    unbound.isolationKey.clear();
    Identity odd = someone();
    odd.subject = "\xFF";
    Identity listed = someone();
    listed.claimsJson = "[]";
    for (const Identity& wrong : {unbound, odd, listed})
        CHECK(std::holds_alternative<Unavailable>(f.judge(Accepted{wrong, {}, {}})));
    CHECK(f.host.lines == std::vector<std::string>{"validate gave an identity without isolation_key"}); // once
}

TEST_CASE("the rest reaches the validator") {
    Fixture f;
    f.validator->identityGone("ann");
    CHECK(f.own->gone == "ann");
    CHECK(f.validator->notReady() == "not yet");
}
