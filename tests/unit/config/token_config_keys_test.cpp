#include "config/token_config_keys.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

// Whether the value is taken by the key of that name.
bool takes(const std::string& name, const Json& value, Config& config) {
    const ConfigKey* key = findConfigKey(name);
    REQUIRE(key);
    return key->set(config, value);
}

} // namespace

TEST_CASE("webhooks are read whole, or not at all") {
    Config config;
    const Json hook{{"url", "https://hook.example"},
                    {"secret", "sixteen bytes or more"},
                    {"events", {"revoked"}},
                    {"allow_private", true}};
    REQUIRE(takes("admin.webhooks", Json::array({hook}), config));
    REQUIRE(config.admin.webhooks.size() == 1);
    CHECK(config.admin.webhooks[0].allowsPrivate);
    CHECK(config.admin.webhooks[0].events == std::vector<std::string>{"revoked"});
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, Json>>{{"secret", "short"},
                                                                                         {"secret", Json()},
                                                                                         {"url", ""},
                                                                                         {"events", "revoked"},
                                                                                         {"allow_private", "yes"},
                                                                                         {"unknown", 1}}) {
        Json wrong = hook;
        wrong[name] = value;
        CHECK_FALSE(takes("admin.webhooks", Json::array({hook, wrong}), config));
    }
    CHECK(config.admin.webhooks.size() == 1);
}

TEST_CASE("the secret of a sign-in is never shown, and may lie in a file") {
    CHECK(findConfigKey("admin.sign_in.client_secret")->isSecret);
    Config config;
    CHECK_FALSE(takes("admin.sign_in.client_secret", "file:/there/is/none", config));
    CHECK(takes("admin.sign_in.client_secret", "s3cret", config));
    CHECK(config.admin.signIn.clientSecret == "s3cret");
}

TEST_CASE("a grace is seconds, from none on") {
    Config config;
    for (const Json& right : {Json(0), Json(0.5), Json(3600)}) CHECK(takes("auth.store_grace_seconds", right, config));
    for (const Json& wrong : {Json(-1), Json(3601), Json("x")})
        CHECK_FALSE(takes("auth.store_grace_seconds", wrong, config));
}
