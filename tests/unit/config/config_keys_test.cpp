#include "config/config_keys.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <set>
#include <vector>

#include "support/scratch_folder.hpp"

using namespace gatehouse;

namespace {

bool sets(Config& config, const char* name, const Json& value) {
    const ConfigKey* key = findConfigKey(name);
    REQUIRE(key);
    return key->set(config, value);
}

} // namespace

TEST_CASE("every key has its own name, says what it wants, and no key is the beginning of another") {
    std::set<std::string> names;
    for (const ConfigKey& key : configKeys()) {
        INFO(key.name);
        CHECK(names.insert(key.name).second);
        CHECK_FALSE(key.wanted.empty());
        CHECK(findConfigKey(key.name) == &key);
        for (const ConfigKey& other : configKeys()) CHECK(other.name.rfind(key.name + ".", 0) == std::string::npos);
    }
    CHECK(names.size() > 30);
    CHECK(findConfigKey("http") == nullptr);
    CHECK(findConfigKey("http.adress") == nullptr);
    CHECK(findConfigKey("") == nullptr);
}

TEST_CASE("every key has an environment variable of its own") {
    CHECK(environmentName("http.address") == "GATEHOUSE_HTTP_ADDRESS");
    CHECK(environmentName("http.limits.unauthenticated_body_seconds") ==
          "GATEHOUSE_HTTP_LIMITS_UNAUTHENTICATED_BODY_SECONDS");
    std::set<std::string> names;
    for (const ConfigKey& key : configKeys()) CHECK(names.insert(environmentName(key.name)).second);
}

TEST_CASE("a value goes where its key says") {
    Config config;
    REQUIRE(sets(config, "http.enabled", false));
    REQUIRE(sets(config, "http.address", "0.0.0.0:1"));
    REQUIRE(sets(config, "http.public_url", "https://a.example"));
    REQUIRE(sets(config, "http.allowed_hosts", {"a", "b"}));
    REQUIRE(sets(config, "http.allowed_origins", "https://one.example"));
    REQUIRE(sets(config, "http.trusted_proxies", {"10.0.0.0/8"}));
    REQUIRE(sets(config, "http.tls.enabled", true));
    REQUIRE(sets(config, "http.tls.cert_file", "c"));
    REQUIRE(sets(config, "http.tls.key_file", "k"));
    REQUIRE(sets(config, "http.tls.chain_file", "h"));
    REQUIRE(sets(config, "auth.enabled", false));
    REQUIRE(sets(config, "auth.validator", "other"));
    REQUIRE(sets(config, "auth.validators", {{"other", {{"x", 1}}}}));
    REQUIRE(sets(config, "auth.token_file", "t.yaml"));
    REQUIRE(sets(config, "auth.limits.failures_per_minute", 7));
    REQUIRE(sets(config, "auth.limits.cached_verdicts", 8));
    REQUIRE(sets(config, "backend.plugin", "echo"));
    REQUIRE(sets(config, "backend.settings", {{"y", 2}}));
    REQUIRE(sets(config, "plugins.dir", "/p"));
    REQUIRE(sets(config, "plugins.pins", {{"a.so", std::string(64, 'a')}}));
    REQUIRE(sets(config, "metrics.address", "127.0.0.1:9"));
    REQUIRE(sets(config, "audit.file", "-"));
    REQUIRE(sets(config, "log.level", "WARN"));

    CHECK_FALSE(config.http.enabled);
    CHECK(config.http.address == "0.0.0.0:1");
    CHECK(config.http.publicUrl == "https://a.example");
    CHECK(config.http.allowedHosts == std::vector<std::string>{"a", "b"});
    CHECK(config.http.allowedOrigins == std::vector<std::string>{"https://one.example"});
    CHECK(config.http.trustedProxies == std::vector<std::string>{"10.0.0.0/8"});
    CHECK(config.http.tls.enabled);
    CHECK(config.http.tls.certFile + config.http.tls.keyFile + config.http.tls.chainFile == "ckh");
    CHECK_FALSE(config.auth.enabled);
    CHECK(config.auth.validator == std::vector<std::string>{"other"});
    CHECK(config.auth.validators.at("other") == Json({{"x", 1}}));
    CHECK(config.auth.tokenFile == "t.yaml");
    CHECK(config.auth.failuresPerMinute == 7);
    CHECK(config.auth.cachedVerdicts == 8);
    CHECK(config.backend.plugin == "echo");
    CHECK(config.backend.settings == Json({{"y", 2}}));
    CHECK(config.plugins.dir == "/p");
    CHECK(config.plugins.pins.at("a.so") == std::string(64, 'a'));
    CHECK(config.metricsAddress == "127.0.0.1:9");
    CHECK(config.auditFile == "-");
    CHECK(config.logLevel == LogLevel::warning);
}

TEST_CASE("each limit goes to a place of its own") {
    Config config;
    const LimitSettings& limits = config.http.limits;
    const std::vector<std::pair<const char*, const std::int64_t*>> numbers{
        {"head_bytes", &limits.headBytes},
        {"body_bytes", &limits.bodyBytes},
        {"body_budget_bytes", &limits.bodyBudgetBytes},
        {"output_bytes", &limits.outputBytes},
        {"connections", &limits.connections},
        {"handshakes", &limits.handshakes},
        {"workers", &limits.workers},
        {"sessions", &limits.sessions}};
    const std::vector<std::pair<const char*, const double*>> times{
        {"head_seconds", &limits.headSeconds},
        {"body_seconds", &limits.bodySeconds},
        {"unauthenticated_body_seconds", &limits.unauthenticatedBodySeconds},
        {"idle_seconds", &limits.idleSeconds},
        {"write_seconds", &limits.writeSeconds},
        {"drain_seconds", &limits.drainSeconds},
        {"call_seconds", &limits.callSeconds},
        {"session_idle_seconds", &limits.sessionIdleSeconds}};
    int next = 101;
    for (const auto& [name, place] : numbers)
        REQUIRE(sets(config, (std::string("http.limits.") + name).c_str(), next++));
    for (const auto& [name, place] : times)
        REQUIRE(sets(config, (std::string("http.limits.") + name).c_str(), next++ + 0.5));
    next = 101;
    for (const auto& [name, place] : numbers) CHECK(*place == next++);
    for (const auto& [name, place] : times) CHECK(*place == next++ + 0.5);
}

TEST_CASE("a value of the wrong kind is refused and changes nothing") {
    struct Row {
        const char* what;
        const char* key;
        Json value;
    };
    const Json tooMuch = std::numeric_limits<std::uint64_t>::max();
    for (const Row& row :
         std::vector<Row>{{"a number for a text", "http.address", 8080},
                          {"a list for a text", "auth.token_file", {"a"}},
                          {"a number in a list of strings", "http.allowed_hosts", {"a", 1}},
                          {"a map for a list", "http.allowed_hosts", {{"a", "b"}}},
                          {"a word for a flag", "http.tls.enabled", "maybe"},
                          {"two for a flag", "auth.enabled", 2},
                          {"zero for a limit", "http.limits.workers", 0},
                          {"a negative limit", "http.limits.connections", -1},
                          {"a fraction for a number", "http.limits.workers", 1.5},
                          {"a text for a number", "http.limits.workers", "8"},
                          {"more than 64 bits hold", "http.limits.workers", tooMuch},
                          {"too many failures", "auth.limits.failures_per_minute", 1'000'001},
                          {"no time at all", "http.limits.idle_seconds", 0},
                          {"more than a day", "http.limits.call_seconds", 86401},
                          {"a text for a time", "http.limits.call_seconds", "60s"},
                          {"an unknown log level", "log.level", "loud"},
                          {"a number for a log level", "log.level", 1},
                          {"a list of validators", "auth.validators", {"jwt"}},
                          {"a text for the backend's settings", "backend.settings", "x"},
                          {"a pin that is too short", "plugins.pins", {{"a.so", "abc"}}},
                          {"a pin that is no text", "plugins.pins", {{"a.so", 1}}},
                          {"a pin of no hexadecimal digits", "plugins.pins", {{"a.so", std::string(64, 'z')}}}}) {
        DYNAMIC_SECTION(row.what) {
            Config config;
            CHECK_FALSE(sets(config, row.key, row.value));
            CHECK(config.http.address == "127.0.0.1:8080");
            CHECK(config.http.limits.workers == 128);
            CHECK(config.http.allowedHosts.empty());
        }
    }
}

TEST_CASE("a validator is a name, and several are a chain in their order") {
    Config config;
    REQUIRE(sets(config, "auth.validator", {"jwt", "static_file"}));
    CHECK(config.auth.validator == std::vector<std::string>{"jwt", "static_file"});
    for (const Json& wrong : {Json::array(), Json(""), Json({"jwt", ""}), Json({"jwt", 5}), Json(5), Json::object()})
        CHECK_FALSE(sets(config, "auth.validator", wrong));
    CHECK(config.auth.validator.size() == 2);
}

TEST_CASE("a flag may be written in three ways") {
    for (const Json& yes : {Json(true), Json("yes"), Json(1)}) {
        Config config;
        CHECK(sets(config, "http.tls.enabled", yes));
        CHECK(config.http.tls.enabled);
    }
    for (const Json& no : {Json(false), Json("no"), Json(0)}) {
        Config config;
        CHECK(sets(config, "auth.enabled", no));
        CHECK_FALSE(config.auth.enabled);
    }
}

TEST_CASE("D13: one line end at the end of a secret is cut, in the settings and in a file") {
    const test::ScratchFolder folder;
    const std::string secret(32, 's');
    for (const std::string& end : {std::string(), std::string("\n"), std::string("\r\n")})
        for (const std::string& value : {secret + end, "file:" + folder.write("secret", secret + end)}) {
            Config config;
            REQUIRE(sets(config, "secrets.keys", value));
            CHECK(config.secretKeys == std::vector<std::string>{secret});
        }
    Config config;
    CHECK_FALSE(sets(config, "secrets.keys", std::string(31, 's') + "\n"));
    CHECK_FALSE(sets(config, "secrets.keys", "file:" + folder.file("none")));
}
