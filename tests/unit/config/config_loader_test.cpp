#include "config/config_loader.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "support/scratch_folder.hpp"

using namespace gatehouse;
using test::ScratchFolder;

namespace {

using Texts = std::map<std::string, std::string>;

ConfigSources sources(const std::string& file, const Texts& environment = {}, const Texts& flags = {}) {
    ConfigSources out;
    out.file = file;
    out.flags = flags;
    out.environment = [environment](const char* name) -> const char* {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    };
    return out;
}

// What loading complains of; empty when it does not.
std::string complaint(const ConfigSources& from) {
    try {
        loadConfig(from);
    } catch (const ConfigError& fault) {
        return fault.what();
    }
    return "";
}

std::size_t lines(const std::string& text) {
    return text.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST_CASE("E06i: a relative token file of a settings file is beside it; elsewhere it is where one stands") {
    const ScratchFolder folder;
    for (const char* form : {"auth: {token_file: t.yaml}\n", "http: {auth: {token_file: t.yaml}}\n"})
        CHECK(loadConfig(sources(folder.write("g.yaml", form))).auth.tokenFile == folder.file("t.yaml"));
    const std::string deep = folder.write("g.yaml", "auth: {token_file: keys/t.yaml}\n");
    CHECK(loadConfig(sources(deep)).auth.tokenFile == folder.file("keys/t.yaml"));
    CHECK(loadConfig(sources(folder.write("g.yaml", "auth: {token_file: /t.yaml}\n"))).auth.tokenFile == "/t.yaml");
    CHECK(loadConfig(sources(folder.write("g.yaml", "auth: {token_file: ''}\n"))).auth.tokenFile.empty());
    auto flag = sources(folder.file("g.yaml"));
    flag.flags["auth.token_file"] = "f.yaml";
    CHECK(loadConfig(flag).auth.tokenFile == "f.yaml");
}

TEST_CASE("without any source the defaults hold, and they are safe") {
    const Config config = loadConfig(sources(""));
    CHECK(config.file.empty());
    CHECK(config.http.address == "127.0.0.1:8080");
    CHECK(config.auth.enabled);
    CHECK(config.auth.validator == std::vector<std::string>{"static_file"});
    CHECK(config.backend.plugin == "sql");
    CHECK(config.metricsAddress.empty());
    CHECK(config.auditFile.empty());
    CHECK(config.logLevel == LogLevel::info);
}

TEST_CASE("flags win over the environment, the environment over the file, the file over the defaults") {
    const ScratchFolder folder;
    const std::string file = folder.write(
        "g.yaml",
        "http: {address: 'file:1', public_url: 'https://file'}\nlog: {level: error}\nbackend: {plugin: file}\n");
    const Config config = loadConfig(sources(
        file, {{"GATEHOUSE_HTTP_ADDRESS", "env:1"}, {"GATEHOUSE_LOG_LEVEL", "debug"}}, {{"http.address", "flag:1"}}));
    CHECK(config.file == file);
    CHECK(config.http.address == "flag:1");
    CHECK(config.logLevel == LogLevel::debug);
    CHECK(config.backend.plugin == "file");
    CHECK(config.http.publicUrl == "https://file");
    CHECK(config.http.enabled);
}

TEST_CASE("the environment sets what it names") {
    struct Row {
        const char* what;
        Texts environment;
        std::function<bool(const Config&)> holds;
    };
    for (const Row& row : std::vector<Row>{
             {"a number",
              {{"GATEHOUSE_HTTP_LIMITS_WORKERS", "7"}},
              [](const Config& c) { return c.http.limits.workers == 7; }},
             {"a flag", {{"GATEHOUSE_AUTH_ENABLED", "false"}}, [](const Config& c) { return !c.auth.enabled; }},
             {"a list",
              {{"GATEHOUSE_HTTP_ALLOWED_HOSTS", "[a, b]"}},
              [](const Config& c) { return c.http.allowedHosts.size() == 2; }},
             {"one text for a list",
              {{"GATEHOUSE_HTTP_ALLOWED_HOSTS", "a"}},
              [](const Config& c) { return c.http.allowedHosts.size() == 1; }},
             {"an empty one sets nothing",
              {{"GATEHOUSE_HTTP_ADDRESS", ""}},
              [](const Config& c) { return c.http.address == "127.0.0.1:8080"; }},
             {"LOG_LEVEL", {{"LOG_LEVEL", "WARNING"}}, [](const Config& c) { return c.logLevel == LogLevel::warning; }},
             {"APP_DEBUG", {{"APP_DEBUG", "true"}}, [](const Config& c) { return c.logLevel == LogLevel::debug; }},
             {"APP_DEBUG that is off",
              {{"APP_DEBUG", "false"}},
              [](const Config& c) { return c.logLevel == LogLevel::info; }},
             {"an IPv6 address",
              {{"GATEHOUSE_HTTP_ADDRESS", "[::1]:8080"}},
              [](const Config& c) { return c.http.address == "[::1]:8080"; }},
             {"a file name of digits",
              {{"GATEHOUSE_AUTH_TOKEN_FILE", "2024"}},
              [](const Config& c) { return c.auth.tokenFile == "2024"; }},
             {"a text with a colon and a blank", {{"GATEHOUSE_PLUGINS_DIR", "/a: b"}}, [](const Config& c) {
                  return c.plugins.dir == "/a: b";
              }}}) {
        DYNAMIC_SECTION(row.what) {
            Config config;
            REQUIRE_NOTHROW(config = loadConfig(sources("", row.environment)));
            CHECK(row.holds(config));
        }
    }
}

TEST_CASE("a wrong value of the environment or of a flag is told with its name") {
    struct Row {
        const char* what;
        Texts environment, flags;
        const char* told;
    };
    for (const Row& row : std::vector<Row>{
             {"environment",
              {{"GATEHOUSE_HTTP_LIMITS_WORKERS", "many"}},
              {},
              "GATEHOUSE_HTTP_LIMITS_WORKERS: http.limits.workers: expected a whole number"},
             {"LOG_LEVEL", {{"LOG_LEVEL", "loud"}}, {}, "LOG_LEVEL: log.level: expected debug, info"},
             {"a flag",
              {},
              {{"http.enabled", "maybe"}},
              "--http.enabled: http.enabled: expected true or false, got \"maybe\""},
             {"an unknown flag",
              {},
              {{"http.nothing", "x"}},
              "--http.nothing: http.nothing: expected a known key, got \"x\""},
             {"what is no YAML", {{"GATEHOUSE_HTTP_ALLOWED_HOSTS", "*"}}, {}, "GATEHOUSE_HTTP_ALLOWED_HOSTS: "}}) {
        DYNAMIC_SECTION(row.what) {
            std::string told;
            REQUIRE_NOTHROW(told = complaint(sources("", row.environment, row.flags)));
            CHECK(told.rfind(row.told, 0) == 0);
        }
    }
}

TEST_CASE("what is wrong in a file is told with file, line, key, what came and what was wanted") {
    struct Row {
        const char* what;
        const char* text;
        const char* told; // after the file's name
    };
    for (const Row& row : std::vector<Row>{
             {"a misspelt key", "http:\n  adress: x\n", ":2: http.adress: unknown; did you mean \"address\"?"},
             {"a misspelt group", "log: {level: info}\nhtpp:\n  address: x\n",
              ":2: htpp: unknown; did you mean \"http\"?"},
             {"a misspelt limit", "http:\n  limits:\n    worker: 1\n",
              ":3: http.limits.worker: unknown; did you mean \"workers\"?"},
             {"a key like none", "http:\n  zzz: x\n", ":2: http.zzz: unknown key, expected one of: enabled, address,"},
             {"a space that is missing", "http:\n  address:8080\n",
              ":1: http: expected a map, got \"address:8080\"; a space is missing after \"address:\""},
             {"a wrong kind", "http:\n\n  address: 8080\n", ":3: http.address: expected a string, got 8080"},
             {"out of range", "http: {limits: {workers: 0}}\n",
              ":1: http.limits.workers: expected a whole number from 1 to "},
             {"a map for a text", "http:\n  address: {a: 1}\n", ":2: http.address: expected a string, got {\"a\":1}"},
             {"a text for a group", "http: 8080\n", ":1: http: expected "},
             {"no map at all", "- a\n- b\n", ":1: expected a map of settings"},
             {"broken YAML", "http:\n  address: [\n", ":2: "},
             {"a key that is there twice", "log: {level: info}\nlog: {level: debug}\n", ":2: log: duplicate key"},
             {"an unset variable", "auth:\n  token_file: ${GATEHOUSE_TEST_UNSET}\n",
              ":2: auth.token_file: ${GATEHOUSE_TEST_UNSET}: this environment variable"},
             {"a wrong limit under http.auth", "http:\n  auth:\n    limits:\n      failures_per_minute: x\n",
              ":4: auth.limits.failures_per_minute: expected "},
             {"a text for http.auth", "http:\n  auth: off\n", ":2: http.auth: "},
             {"a text for auth beside http.auth", "auth: off\nhttp:\n  auth: {enabled: true}\n", ":1: auth: "}}) {
        DYNAMIC_SECTION(row.what) {
            const ScratchFolder folder;
            const std::string file = folder.write("g.yaml", row.text);
            std::string told;
            REQUIRE_NOTHROW(told = complaint(sources(file)));
            CHECK(told.substr(0, (file + row.told).size()) == file + row.told);
        }
    }
}

TEST_CASE("a suggestion names each key once") {
    const ScratchFolder folder;
    const std::string told = complaint(sources(folder.write("g.yaml", "zzzz: {}\n")));
    CHECK(told.find("http") == told.rfind("http"));
}

TEST_CASE("all that is wrong is told at once, from every source") {
    const ScratchFolder folder;
    const std::string file = folder.write("g.yaml", "http:\n  adress: x\n  limits: {workers: 0}\nlog: {level: loud}\n");
    const std::string told =
        complaint(sources(file, {{"GATEHOUSE_AUTH_ENABLED", "maybe"}}, {{"http.enabled", "maybe"}}));
    CHECK(lines(told) == 5);
    for (const char* part :
         {":2: http.adress", ":3: http.limits.workers", ":4: log.level", "GATEHOUSE_AUTH_ENABLED", "--http.enabled"})
        CHECK(told.find(part) != std::string::npos);
}

TEST_CASE("a file that cannot be read is told, never taken as empty") {
    const ScratchFolder folder;
    CHECK(complaint(sources(folder.file("nothing.yaml"))) == folder.file("nothing.yaml") + ": cannot be read");
    CHECK(complaint(sources(folder.path().string())) == folder.path().string() + ": cannot be read"); // a folder
}

TEST_CASE("a file without settings leaves the defaults") {
    const ScratchFolder folder;
    for (const char* text : {"", "# comment\n", "{}\n", "http:\nlog:\n", "http:\n  address:\n"}) {
        DYNAMIC_SECTION('"' << text << '"') {
            const Config config = loadConfig(sources(folder.write("g.yaml", text)));
            CHECK(config.http.address == "127.0.0.1:8080");
            CHECK(config.file == folder.file("g.yaml"));
        }
    }
}

TEST_CASE("the first place that has a file is read, unless a file was named") {
    const ScratchFolder folder;
    const std::string second = folder.write("second.yaml", "log: {level: warning}\n");
    const std::string third = folder.write("third.yaml", "log: {level: error}\n");
    ConfigSources from = sources("");
    from.places = {folder.file("first.yaml"), second, third};
    CHECK(loadConfig(from).file == second);
    CHECK(loadConfig(from).logLevel == LogLevel::warning);
    from.file = third;
    CHECK(loadConfig(from).file == third);
    from.file = folder.file("first.yaml");
    CHECK_THROWS_AS(loadConfig(from), ConfigError);
}

TEST_CASE("http.auth is another name of auth") {
    const ScratchFolder folder;
    const Config config = loadConfig(sources(folder.write(
        "g.yaml",
        "http:\n  enabled: true\n  address: ':8080'\n  auth:\n    enabled: false\n    token_file: /t.yaml\n")));
    CHECK_FALSE(config.auth.enabled);
    CHECK(config.auth.tokenFile == "/t.yaml");
    CHECK(config.http.address == ":8080");
}

TEST_CASE("http.auth and auth may share the work, but not a key") {
    const ScratchFolder folder;
    const Config config =
        loadConfig(sources(folder.write("g.yaml", "auth: {validator: other}\nhttp: {auth: {token_file: /t.yaml}}\n")));
    CHECK(config.auth.validator == std::vector<std::string>{"other"});
    CHECK(config.auth.tokenFile == "/t.yaml");
    const std::string file =
        folder.write("g.yaml", "auth:\n  token_file: /a.yaml\nhttp:\n  auth:\n    token_file: /b.yaml\n");
    CHECK(complaint(sources(file)) == file + ":5: http.auth.token_file: is there as auth.token_file as well; keep one");
    const std::string misspelt = folder.write("g.yaml", "http:\n  auth:\n    enable: false\n");
    CHECK(complaint(sources(misspelt)).rfind(misspelt + ":3: auth.enable: unknown; did you mean \"enabled\"?", 0) == 0);
}

TEST_CASE("the settings of plugins are theirs to judge") {
    const ScratchFolder folder;
    const Config config = loadConfig(sources(folder.write(
        "g.yaml",
        "backend:\n  settings: {anything: [1, two]}\nauth:\n  validators:\n    jwt: {keys: x}\n    other: {}\n")));
    CHECK(config.backend.settings == Json({{"anything", {1, "two"}}}));
    CHECK(config.auth.validators.size() == 2);
    CHECK(config.auth.validators.at("jwt") == Json({{"keys", "x"}}));
}

TEST_CASE("variables of the environment reach the settings file") {
    ::setenv("GATEHOUSE_TEST_FOLDER", "/srv/tokens", 1);
    const ScratchFolder folder;
    CHECK(loadConfig(sources(folder.write("g.yaml", "auth: {token_file: \"${GATEHOUSE_TEST_FOLDER}/t.yaml\"}\n")))
              .auth.tokenFile == "/srv/tokens/t.yaml");
    ::unsetenv("GATEHOUSE_TEST_FOLDER");
}

TEST_CASE("D14: a variable is text where text is wanted, and a number or a flag where that is") {
    const std::vector<std::pair<const char*, const char*>> variables{{"GATEHOUSE_TEST_DIGITS", "0123456"},
                                                                     {"GATEHOUSE_TEST_NUMBER", "16"},
                                                                     {"GATEHOUSE_TEST_HALF", "0.5"},
                                                                     {"GATEHOUSE_TEST_TRUE", "true"}};
    for (const auto& [name, value] : variables) ::setenv(name, value, 1);
    const ScratchFolder folder;
    const Config config = loadConfig(sources(folder.write("g.yaml", R"(
http:
  legacy_sse: ${GATEHOUSE_TEST_TRUE}
  limits:
    workers: ${GATEHOUSE_TEST_NUMBER}
    idle_seconds: ${GATEHOUSE_TEST_HALF}
auth:
  token_file: ${GATEHOUSE_TEST_NUMBER}
  validators:
    jwt:
      secret: ${GATEHOUSE_TEST_DIGITS}
      other: ${GATEHOUSE_TEST_TRUE}
      literal: 0123456
)")));
    CHECK(config.http.legacySse);
    CHECK(config.http.limits.workers == 16);
    CHECK(config.http.limits.idleSeconds == 0.5);
    CHECK(config.auth.tokenFile == folder.file("16")); // beside the settings
    CHECK(config.auth.validators.at("jwt") == Json({{"secret", "0123456"}, {"other", "true"}, {"literal", "0123456"}}));
    const auto told =
        complaint(sources(folder.write("w.yaml", "http:\n  limits:\n    workers: ${GATEHOUSE_TEST_TRUE}\n")));
    CHECK_THAT(told,
               Catch::EndsWith("http.limits.workers: expected a whole number from 1 to 1099511627776, got \"true\""));
    for (const auto& [name, value] : variables) ::unsetenv(name);
}

TEST_CASE("B4: APP_DEBUG says yes or no, and nothing else") {
    for (const char* yes : {"true", "True", "1", "yes", "ON"})
        CHECK(loadConfig(sources("", {{"APP_DEBUG", yes}})).logLevel == LogLevel::debug);
    for (const char* no : {"false", "0", "No", "off", ""})
        CHECK(loadConfig(sources("", {{"APP_DEBUG", no}})).logLevel == LogLevel::info);
    CHECK(complaint(sources("", {{"APP_DEBUG", "maybe"}})) == "APP_DEBUG: expected true or false, got \"maybe\"");
}

TEST_CASE("E04: every value has a place, the strongest source's, and what is wrong does not hide the rest") {
    const ScratchFolder folder;
    const std::string file = folder.write("g.yaml",
                                          "http:\n  address: a:1\nlog: {level: loud}\nauth:\n  validators:\n"
                                          "    jwt: {secret: a, key: b}\n    oidc: {issuer: c}\n");
    ConfigSources from =
        sources(file, {{"GATEHOUSE_AUTH_VALIDATORS", "{oidc: {issuer: d}}"}}, {{"http.address", "b:2"}});
    from.flagNames["http.address"] = "--addr";
    const Config config = readConfig(from);
    CHECK(config.places.of("http.address") == "--addr");
    CHECK(config.places.of("auth.validators.jwt.secret") == file + ":6");
    CHECK(config.places.of("auth.validators.jwt.none[1].deeper") == file + ":6");
    CHECK(config.places.of("auth.validators.oidc") == "GATEHOUSE_AUTH_VALIDATORS");
    CHECK(config.places.of("backend.plugin").empty());
    CHECK(config.fault("backend.plugin", "w").place == file);
    REQUIRE(config.faults.list().size() == 1);
    CHECK(config.faults.printed() == file + ":3: log.level: expected debug, info, warning or error, got \"loud\"");
    CHECK(config.http.address == "b:2");
}
