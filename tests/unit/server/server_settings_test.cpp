#include "server/server_settings.hpp"

#include <functional>

#include <catch2/catch.hpp>

#include "support/given_environment.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

using Texts = std::vector<std::string>;

// A validator that names these authorization servers.
struct Naming final : TokenValidator {
    explicit Naming(Texts names = {}) : servers(std::move(names)) {}
    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        traits.authorizationServers = servers;
        return traits;
    }
    Verdict validate(const TokenRequest&) override { return Unavailable{"", std::chrono::seconds(1)}; }
    Texts servers;
};

Config configWith(const std::function<void(Config&)>& change) {
    Config config;
    change(config);
    return config;
}

std::string refusalBy(const std::function<void()>& work) {
    try {
        work();
    } catch (const UnusableConfigError& fault) {
        return fault.what();
    } catch (const SettingsError& fault) {
        return fault.what();
    }
    return "";
}

} // namespace

TEST_CASE("the URL of the resource is the public one, or where the server listens") {
    struct Row {
        const char* what;
        std::function<void(Config&)> change;
        const char* url;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"by default", [](Config&) {}, "http://127.0.0.1:8080/mcp"},
             {"every address", [](Config& c) { c.http.address = ":90"; }, "http://0.0.0.0:90/mcp"},
             {"with TLS", [](Config& c) { c.http.tls.enabled = true; }, "https://127.0.0.1:8080/mcp"},
             {"public", [](Config& c) { c.http.publicUrl = "https://mcp.example"; }, "https://mcp.example/mcp"},
             {"public with slashes", [](Config& c) { c.http.publicUrl = "https://mcp.example/a//"; },
              "https://mcp.example/a/mcp"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(resourceUrlOf(configWith(row.change)) == row.url); }
    }
}

TEST_CASE("the host of a URL") {
    struct Row {
        const char *url, *host;
    };
    for (const Row& row : std::initializer_list<Row>{{"https://mcp.example", "mcp.example"},
                                                     {"http://mcp.example:80/a", "mcp.example"},
                                                     {"https://mcp.example?x", "mcp.example"},
                                                     {"ftp://mcp.example", ""},
                                                     {"mcp.example", ""},
                                                     {"", ""}})
        CHECK(hostOfUrl(row.url) == row.host);
}

TEST_CASE("clients are told where to log in, when somebody says where this server is") {
    struct Row {
        const char* what;
        std::function<void(Config&)> change;
        const char* told; // empty: served
    };
    const Naming oidc({"https://idp.example"});
    for (const Row& row : std::initializer_list<Row>{
             {"on loopback", [](Config&) {}, ""},
             {"at a public URL", [](Config& c) { c.http.address = ":80", c.http.publicUrl = "https://mcp.example"; },
              ""},
             {"on loopback by a plain URL", [](Config& c) { c.http.publicUrl = "http://localhost:8080"; }, ""},
             {"nobody says where", [](Config& c) { c.http.address = ":80"; }, "http.public_url: not set"},
             {"in the clear", [](Config& c) { c.http.publicUrl = "http://mcp.example"; },
              "http.public_url: expected https, got \"http://mcp.example\""},
             {"in the clear to what looks like loopback",
              [](Config& c) { c.http.publicUrl = "http://localhost.example"; },
              "http.public_url: expected https, got \"http://localhost.example\""},
             {"settings that are wrong",
              [](Config& c) {
                  c.auth.resource = {{"x", 1}};
              },
              "auth.resource.x: unknown key"}}) {
        DYNAMIC_SECTION(row.what) {
            const Config config = configWith(row.change);
            bool served = false;
            const std::string told =
                refusalBy([&] { served = resourceMetadataOf(config, &oidc, Policy()).isServed(); });
            CHECK(served == told.empty());
            CHECK_THAT(told, Catch::StartsWith(row.told));
            CHECK(told.empty() == std::string(row.told).empty());
        }
    }
    const Config config = configWith([](Config& c) { c.http.address = ":80"; });
    const Naming plain;
    CHECK_FALSE(resourceMetadataOf(config, &plain, Policy()).isServed());
    CHECK_FALSE(resourceMetadataOf(config, nullptr, Policy()).isServed());
}

TEST_CASE("a fallback is there only where it is safe") {
    const GivenEnvironment token("GATEHOUSE_TEST_FALLBACK", "secret\n"), nothing("GATEHOUSE_TEST_EMPTY", ""),
        blank("GATEHOUSE_TEST_BLANK", " \r\n");
    struct Row {
        const char* what;
        const char *fallback, *address;
        const char *token, *told;
    };
    const char* on = R"({"enabled":true,"env":"GATEHOUSE_TEST_FALLBACK","scopes":["a"]})";
    for (const Row& row : std::initializer_list<Row>{
             {"not asked for", "{}", "127.0.0.1:1", "", ""},
             {"turned off", R"({"enabled":false,"env":"GATEHOUSE_TEST_FALLBACK"})", "127.0.0.1:1", "", ""},
             {"not turned on", R"({"env":"GATEHOUSE_TEST_FALLBACK"})", "127.0.0.1:1", "", ""},
             {"on loopback", on, "127.0.0.1:1", "secret", ""},
             {"on every address", on, ":1", "", "auth.fallback: refused on :1"},
             {"on an address that others reach", on, "192.0.2.1:1", "", "auth.fallback: refused on 192.0.2.1:1"},
             {"on every address, allowed", R"({"enabled":true,"env":"GATEHOUSE_TEST_FALLBACK","allow_remote":true})",
              ":1", "secret", ""},
             {"without its variable", R"({"enabled":true})", "127.0.0.1:1", "", "auth.fallback.env: missing"},
             {"with a variable that is not set", R"({"enabled":true,"env":"GATEHOUSE_TEST_NONE"})", "127.0.0.1:1", "",
              "auth.fallback.env: the environment variable GATEHOUSE_TEST_NONE is not set, or empty"},
             {"with a variable that is empty", R"({"enabled":true,"env":"GATEHOUSE_TEST_EMPTY"})", "127.0.0.1:1", "",
              "auth.fallback.env: the environment variable GATEHOUSE_TEST_EMPTY is not set, or empty"},
             {"with a variable that is blank", R"({"enabled":true,"env":"GATEHOUSE_TEST_BLANK"})", "127.0.0.1:1", "",
              "auth.fallback.env: the environment variable GATEHOUSE_TEST_BLANK is not set, or empty"},
             {"with a key that is unknown", R"({"token":"x"})", "127.0.0.1:1", "",
              "auth.fallback.token: unknown key"}}) {
        DYNAMIC_SECTION(row.what) {
            const Config config = configWith(
                [&](Config& c) { c.auth.fallback = Json::parse(row.fallback), c.http.address = row.address; });
            const Naming plain;
            FallbackSettings fallback;
            const std::string told = refusalBy([&] { fallback = fallbackOf(config, &plain); });
            CHECK_THAT(told, Catch::StartsWith(row.told));
            CHECK(told.empty() == std::string(row.told).empty());
            CHECK(fallback.token == row.token);
        }
    }
    const Config config = configWith([&](Config& c) { c.auth.fallback = Json::parse(on); });
    const Naming oidc({"https://idp.example"}), plain;
    CHECK_THAT(refusalBy([&] { fallbackOf(config, &oidc); }),
               Catch::StartsWith("auth.fallback: refused while clients log in by OAuth"));
    CHECK(fallbackOf(config, nullptr).token.empty()); // everybody is let in anyway
    CHECK(fallbackOf(config, &plain).scopes == Texts{"a"});
}

TEST_CASE("the gate is told what the settings say") {
    const Naming oidc({"https://idp.example"});
    Config config;
    config.auth.validator = {"/opt/lib/mine.so"};
    config.auth.policy = {{"required_scopes", {"a"}}};
    config.auth.cachedVerdicts = 5;
    config.auth.failuresPerMinute = 7;
    const GateOptions options = gateOptionsOf(config, &oidc);
    CHECK(options.authentication.validatorName == "mine");
    CHECK(options.authentication.resourceUrl == "http://127.0.0.1:8080/mcp");
    CHECK(options.policy.requiredScopes() == Texts{"a"});
    CHECK(options.challenge.resourceMetadata == "http://127.0.0.1:8080/.well-known/oauth-protected-resource/mcp");
    CHECK(options.challenge.scopes == Texts{"a"});
    CHECK_FALSE(options.authentication.fallback);
    CHECK(options.authentication.cache.maxAccepts == 5);
    CHECK(options.authentication.failures.perMinute == 7);
    config.auth.validator = {"a", "b"};
    CHECK(gateOptionsOf(config, nullptr).authentication.validatorName == "chain");
    CHECK(gateOptionsOf(config, nullptr).challenge.resourceMetadata.empty());
    config.auth.policy = {{"rule", 1}};
    CHECK_THROWS_WITH(gateOptionsOf(config, nullptr), Catch::StartsWith("auth.policy.rule: unknown key"));
}

TEST_CASE("limits are passed on in their own units") {
    Config config;
    config.http.limits.callSeconds = 1.5;
    config.http.limits.pageItems = 3;
    config.http.limits.headBytes = 99;
    config.http.limits.idleSeconds = 0.1;
    CHECK(protocolOptionsOf(config).times.call == std::chrono::milliseconds(1500));
    CHECK(protocolOptionsOf(config).pageItems == 3);
    CHECK(limitsOf(config).headBytes == 99);
    CHECK(limitsOf(config).idleTime == std::chrono::milliseconds(100));
}

TEST_CASE("C: one identity holds its share; with authentication off nobody is told apart") {
    Config config;
    CHECK(budgetOf(config, 3, 10).perIdentity == 3);
    CHECK(budgetOf(config, 30, 10).perIdentity == 10);
    config.auth.enabled = false;
    CHECK(budgetOf(config, 3, 10).perIdentity == 10);
}
