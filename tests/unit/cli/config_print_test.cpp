#include "cli/config_print.hpp"

#include <sstream>

#include <catch2/catch.hpp>

#include "config/config_keys.hpp"

using namespace gatehouse;
using namespace gatehouse::cli;

namespace {

std::string printed(const Config& config) {
    std::ostringstream out;
    printConfig(out, config);
    return out.str();
}

} // namespace

TEST_CASE("every key has a line, with its default") {
    const std::string all = printed({});
    for (const ConfigKey& key : configKeys()) CHECK_THAT("\n" + all, Catch::Contains("\n" + key.name + ": "));
    for (const char* line :
         {"http.address: \"127.0.0.1:8080\"  # default\n", "http.tls.enabled: false  # default\n",
          "http.limits.connections: 20000  # default\n", "http.limits.head_seconds: 10.0  # default\n",
          "auth.validator: \"static_file\"  # default\n", "auth.validators: {}  # default\n",
          "secrets.keys: []  # default\n", "log.level: \"info\"  # default\n"})
        CHECK_THAT(all, Catch::Contains(line));
}

TEST_CASE("a value stands with where it comes from, those of plugins one by one") {
    Config config;
    config.auth.validator = {"jwt", "static_file"};
    config.auth.validators["jwt"] = {{"issuer", "https://a"}, {"claims", {{"subject", {"sub"}}}}};
    config.places.set("auth.validator", "--auth");
    config.places.set("auth.validators.jwt", "g.yaml:3");
    config.places.set("auth.validators.jwt.issuer", "g.yaml:4");
    const std::string all = printed(config);
    CHECK_THAT(all, Catch::Contains("auth.validator: [\"jwt\",\"static_file\"]  # --auth\n"));
    CHECK_THAT(all, Catch::Contains("auth.validators.jwt.issuer: \"https://a\"  # g.yaml:4\n"));
    CHECK_THAT(all, Catch::Contains("auth.validators.jwt.claims.subject: [\"sub\"]  # g.yaml:3\n"));
}

TEST_CASE("no secret is printed, wherever it stands") {
    Config config;
    const std::string secret = "very-secret-words";
    config.secretKeys = {secret};
    config.auth.validators["a"] = {
        {"secret", secret},          {"client_secret", secret}, {"key", secret},
        {"Password", secret},        {"token", secret},         {"list", {{{"api_key", secret}}}},
        {"secrets", {{"x", secret}}}};
    config.backend.settings = {
        {"databases", {{{"name", "main"}, {"url", "postgresql://user:" + secret + "@db/x?a=1"}}}}};
    const std::string all = printed(config);
    CHECK(all.find(secret) == std::string::npos);
    CHECK_THAT(all, Catch::Contains("secrets.keys: (hidden)  # "));
    CHECK_THAT(all, Catch::Contains("auth.validators.a.client_secret: (hidden)  # "));
    CHECK_THAT(all, Catch::Contains(R"({"name":"main","url":"postgresql://(hidden)@db/x?a=1"})"));
    Config none;
    none.auth.validators["a"] = {{"secret", ""}, {"key_id", "k1"}, {"token_endpoint", "https://a/b@c"}};
    CHECK_THAT(printed(none), Catch::Contains("auth.validators.a.secret: \"\"  # ")); // there is none
    CHECK_THAT(printed(none), Catch::Contains("auth.validators.a.key_id: \"k1\"  # "));
    CHECK_THAT(printed(none), Catch::Contains("auth.validators.a.token_endpoint: \"https://a/b@c\"  # "));
}

TEST_CASE("what could steer a terminal is written out") {
    Config config;
    config.auth.validators["a\x1b[2J"] = {{"x", "\x1b[31m"}};
    CHECK(printed(config).find('\x1b') == std::string::npos);
}
