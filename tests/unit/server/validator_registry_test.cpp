#include "server/validator_registry.hpp"

#include <catch2/catch.hpp>

#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

using Texts = std::vector<std::string>;

// Asks for the validators that its settings name under "asks", as a plugin does while it is made.
class Workshop {
public:
    explicit Workshop(AuthSettings own) : Workshop(std::move(own), nobody_) {}
    Workshop(AuthSettings own, Texts& gone) : settings(std::move(own)), left(gone) {}
    std::unique_ptr<TokenValidator> make(const std::string& plugin, const Json& own) {
        made.push_back(plugin + " " + own.dump());
        if (own.contains("asks")) asked = &set.find(own.at("asks").get<std::string>());
        return std::make_unique<Leaving>(plugin, left);
    }
    struct Leaving final : TokenValidator {
        Leaving(std::string plugin, Texts& list) : name(std::move(plugin)), gone(list) {}
        ~Leaving() override { gone.push_back(name); }
        Verdict validate(const TokenRequest&) override { return Rejected{Rejected::Reason::notMine, name, {}, {}}; }
        const std::string name;
        Texts& gone;
    };

    const AuthSettings settings;
    Texts made;  // "plugin settings"
    Texts& left; // plugins as they were taken down
    TokenValidator* asked = nullptr;
    ValidatorRegistry set{
        settings, [this](const std::string&, const std::string& plugin, const Json& own) { return make(plugin, own); }};

private:
    inline static Texts nobody_;
};

AuthSettings settingsOf(Texts chosen, const char* validators = "{}") {
    AuthSettings settings;
    settings.validator = std::move(chosen);
    const Json own = Json::parse(validators);
    for (const auto& item : own.items()) settings.validators[item.key()] = item.value();
    return settings;
}

} // namespace

TEST_CASE("one validator is made by its name, with its own settings") {
    Workshop shop(settingsOf({"jwt"}, R"({"jwt":{"key":"x"},"other":{"y":1}})"));
    TokenValidator& chosen = shop.set.primary();
    CHECK(shop.made == Texts{R"(jwt {"key":"x"})"});
    CHECK(&shop.set.find("jwt") == &chosen);
    CHECK(shop.made.size() == 1);
}

TEST_CASE("a name may stand for a plugin of another name, which is not told of it") {
    Workshop shop(settingsOf({"staff"}, R"({"staff":{"plugin":"oidc","issuer":"i"},"empty":null})"));
    shop.set.primary();
    shop.set.find("empty");
    shop.set.find("/opt/mine.so");
    CHECK(shop.made == Texts{R"(oidc {"issuer":"i"})", "empty {}", "/opt/mine.so {}"});
    CHECK(ValidatorRegistry::pluginOf(shop.settings, "staff") == "oidc");
    CHECK(ValidatorRegistry::pluginOf(shop.settings, "absent") == "absent");
}

TEST_CASE("one plugin may be made several times, under several names") {
    Workshop shop(settingsOf({"a", "b"}, R"({"a":{"plugin":"oidc","n":1},"b":{"plugin":"oidc","n":2}})"));
    shop.set.primary();
    CHECK(shop.made == Texts{R"(oidc {"n":1})", R"(oidc {"n":2})"});
}

TEST_CASE("several validators are a chain, in their order") {
    Workshop shop(settingsOf({"b", "a"}));
    const Verdict verdict = shop.set.primary().validate({});
    CHECK(shop.made == Texts{"b {}", "a {}"});
    CHECK(std::get<Rejected>(verdict).detail == "none of b, a knows this kind of token");
}

TEST_CASE("a validator that is asked for is made once, and stays until the one that asks has gone") {
    Texts left;
    {
        Workshop shop(settingsOf({"outer", "inner"}, R"({"outer":{"asks":"inner"}})"), left);
        shop.set.primary();
        CHECK(shop.made == Texts{R"(outer {"asks":"inner"})", "inner {}"});
        CHECK(shop.asked == &shop.set.find("inner"));
        CHECK(left.empty());
    }
    CHECK(left == Texts{"outer", "inner"});
}

TEST_CASE("a validator that would end up asking itself is refused") {
    struct Row {
        const char* what;
        const char *validators, *told;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"at once", R"({"a":{"asks":"a"}})", "validator a: it asks itself, by way of a"},
                                    {"by way of another", R"({"a":{"asks":"b"},"b":{"asks":"a"}})",
                                     "validator a: it asks itself, by way of b"},
                                    {"further on", R"({"a":{"asks":"b"},"b":{"asks":"c"},"c":{"asks":"b"}})",
                                     "validator b: it asks itself, by way of c"}}) {
        DYNAMIC_SECTION(row.what) {
            Workshop shop(settingsOf({"a"}, row.validators));
            CHECK_THROWS_AS(shop.set.primary(), SettingsError);
            Workshop again(settingsOf({"a"}, row.validators));
            CHECK_THROWS_WITH(again.set.primary(), row.told);
        }
    }
}

TEST_CASE("a validator is in a chain once") {
    Workshop shop(settingsOf({"a", "b", "a"}));
    CHECK_THROWS_WITH(shop.set.primary(), "auth.validator: a is named twice");
}

TEST_CASE("a validator that could not be made is refused again when it is asked for again") {
    const AuthSettings settings = settingsOf({"a"});
    ValidatorRegistry set(settings,
                          [](const std::string&, const std::string&, const Json&) -> std::unique_ptr<TokenValidator> {
                              throw SettingsError("key: missing");
                          });
    for (int i = 0; i < 2; ++i) CHECK_THROWS_WITH(set.find("a"), "key: missing");
}
