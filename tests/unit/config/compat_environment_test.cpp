#include "config/compat_environment.hpp"

#include <catch2/catch.hpp>

#include "config/config_loader.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using test::ScratchFolder;

namespace {

using Texts = std::map<std::string, std::string>;
using Names = std::vector<std::string>;

struct Read {
    Config config;
    Names errors;
};

// What is made of these variables, on top of `config`.
Read readFrom(const Texts& environment, Config config = {}, bool flagChose = false, bool fileChose = false) {
    Read read{std::move(config), {}};
    const CompatSources sources{[&](const char* name) -> const char* {
                                    const auto found = environment.find(name);
                                    return found == environment.end() ? nullptr : found->second.c_str();
                                },
                                flagChose, fileChose};
    applyCompatEnvironment(sources, read.config, read.errors);
    return read;
}

// The same with a settings file and flags, as the server reads them.
Config loaded(const std::string& yaml, const Texts& environment, const Texts& flags = {}) {
    const ScratchFolder folder;
    ConfigSources sources;
    sources.file = folder.write("g.yaml", yaml);
    sources.flags = flags;
    sources.environment = [&](const char* name) -> const char* {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    };
    return loadConfig(sources);
}

const Texts oidc{{"OIDC_ISSUER_URL", "https://idp.example"}, {"OIDC_AUDIENCE", "mcp"}};

} // namespace

TEST_CASE("without any of the names nothing changes") {
    const Read read = readFrom({{"JWT_SECRET_KEY", ""}, {"MCP_AUTH_TYPE", ""}, {"TOKEN_VALIDATOR_FACTORY", ""}});
    CHECK(read.errors.empty());
    CHECK(read.config.auth.validator == Names{"static_file"});
    CHECK(read.config.auth.validators.empty());
    CHECK(read.config.auth.policy.empty());
}

TEST_CASE("one name that is set lets us guess the validator") {
    struct Row {
        const char* what;
        Texts environment;
        const char* validator;
    };
    for (const Row& row : std::initializer_list<Row>{{"a JWT secret", {{"JWT_SECRET_KEY", "s"}}, "jwt"},
                                                     {"an issuer", oidc, "oidc"},
                                                     {"an API key", {{"DCC_MCP_API_KEY", "k"}}, "api_key"},
                                                     {"a bearer token", {{"MCP_BEARER_TOKEN", "k"}}, "api_key"}}) {
        DYNAMIC_SECTION(row.what) {
            const Read read = readFrom(row.environment);
            CHECK(read.errors.empty());
            CHECK(read.config.auth.validator == Names{row.validator});
        }
    }
}

TEST_CASE("two guesses are an error that says what to do") {
    Texts both = oidc;
    both["JWT_SECRET_KEY"] = "s";
    CHECK(readFrom(both).errors == Names{"JWT_SECRET_KEY and OIDC_ISSUER_URL are both set: say which validator is "
                                         "meant by auth.validator or MCP_AUTH_TYPE"});
    both["MCP_AUTH_TYPE"] = "jwt";
    CHECK(readFrom(both).errors.empty());
    CHECK(readFrom(both).config.auth.validator == Names{"jwt"});
}

TEST_CASE("what names the validator goes before what comes after it") {
    struct Row {
        const char* what;
        const char* yaml;
        Texts environment, flags;
        const char* validator;
    };
    const Texts all{{"TOKEN_VALIDATOR_FACTORY", "introspection"}, {"MCP_AUTH_TYPE", "jwt"}, {"JWT_SECRET_KEY", "s"}};
    const Texts type{{"MCP_AUTH_TYPE", "jwt"}, {"JWT_SECRET_KEY", "s"}};
    for (const Row& row : std::initializer_list<Row>{
             {"a flag before all", "auth: {validator: c}", all, {{"auth.validator", "mine"}}, "mine"},
             {"our own variable before all",
              "auth: {validator: c}",
              {{"GATEHOUSE_AUTH_VALIDATOR", "mine"}, {"TOKEN_VALIDATOR_FACTORY", "introspection"}},
              {},
              "mine"},
             {"a factory before the type and the file", "auth: {validator: c}", all, {}, "introspection"},
             {"the type before the file", "auth: {validator: c}", type, {}, "jwt"},
             {"the file before a guess", "auth: {validator: c}", {{"JWT_SECRET_KEY", "s"}}, {}, "c"},
             {"a guess before the default", "log: {level: info}", {{"JWT_SECRET_KEY", "s"}}, {}, "jwt"}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(loaded(row.yaml, row.environment, row.flags).auth.validator == Names{row.validator});
        }
    }
}

TEST_CASE("B1: a variable that says none where something names a validator is a contradiction") {
    struct Row {
        const char* what;
        const char* yaml;
        Texts environment;
        const char* told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a file", "auth: {validator: jwt}", {{"MCP_AUTH_TYPE", "none"}}, "MCP_AUTH_TYPE=none: contradicts "},
             {"our own variable over a file",
              "auth: {validator: jwt}",
              {{"GATEHOUSE_AUTH_ENABLED", "false"}},
              "GATEHOUSE_AUTH_ENABLED=false: contradicts "},
             {"two of our own",
              "",
              {{"GATEHOUSE_AUTH_ENABLED", "false"}, {"GATEHOUSE_AUTH_VALIDATOR", "jwt"}},
              "GATEHOUSE_AUTH_ENABLED=false: contradicts GATEHOUSE_AUTH_VALIDATOR"},
             {"a factory",
              "",
              {{"MCP_AUTH_TYPE", "none"}, {"TOKEN_VALIDATOR_FACTORY", "jwt"}},
              "MCP_AUTH_TYPE=none: contradicts TOKEN_VALIDATOR_FACTORY"}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK_THROWS_WITH(loaded(row.yaml, row.environment),
                              Catch::StartsWith(row.told) && Catch::Contains("--no-auth"));
        }
    }
    CHECK_FALSE(loaded("auth: {validator: jwt, enabled: false}", {{"MCP_AUTH_TYPE", "none"}}).auth.enabled);
    CHECK_FALSE(
        loaded("auth: {validator: jwt}", {{"MCP_AUTH_TYPE", "none"}}, {{"auth.enabled", "false"}}).auth.enabled);
    CHECK_FALSE(loaded("", {{"GATEHOUSE_AUTH_ENABLED", "false"}}).auth.enabled);
}

TEST_CASE("B6: the source that named the validator is remembered") {
    CHECK(loaded("", {}).auth.chosenBy == "the default");
    CHECK(loaded("", {{"JWT_SECRET_KEY", "s"}}).auth.chosenBy == "JWT_SECRET_KEY");
    CHECK(loaded("", {{"MCP_AUTH_TYPE", "jwt"}, {"JWT_SECRET_KEY", "s"}}).auth.chosenBy == "MCP_AUTH_TYPE");
    CHECK(loaded("", {{"GATEHOUSE_AUTH_VALIDATOR", "jwt"}}).auth.chosenBy == "GATEHOUSE_AUTH_VALIDATOR");
    CHECK(loaded("", {{"TOKEN_VALIDATOR_FACTORY", "jwt"}}).auth.chosenBy == "TOKEN_VALIDATOR_FACTORY");
    CHECK_THAT(loaded("http: {}\nauth:\n  validator: jwt\n", {}).auth.chosenBy, Catch::EndsWith("g.yaml:3"));
}

TEST_CASE("B1: an api_key without a key stays chosen, and on") {
    for (const auto& environment : {Texts{{"TOKEN_VALIDATOR_FACTORY", "api_key"}},
                                    Texts{{"TOKEN_VALIDATOR_FACTORY", "api_key"}, {"DCC_MCP_API_KEY", ""}},
                                    Texts{{"GATEHOUSE_AUTH_VALIDATOR", "api_key"}}}) {
        const Config config = loaded("", environment);
        CHECK(config.auth.enabled);
        CHECK(config.auth.validator == Names{"api_key"});
    }
}

TEST_CASE("who turned authentication off is believed, except where a variable that goes before it names a validator") {
    CHECK_FALSE(loaded("auth: {enabled: false}", {{"JWT_SECRET_KEY", "s"}}).auth.enabled);
    CHECK(loaded("auth: {enabled: false}", {{"JWT_SECRET_KEY", "s"}}).auth.validator == Names{"static_file"});
    CHECK_FALSE(loaded("", {{"MCP_AUTH_TYPE", "none"}}).auth.enabled);
    CHECK_FALSE(
        loaded("", {{"MCP_AUTH_TYPE", "jwt"}, {"JWT_SECRET_KEY", "s"}}, {{"auth.enabled", "false"}}).auth.enabled);
    CHECK(loaded("auth: {enabled: false}", {{"TOKEN_VALIDATOR_FACTORY", "jwt"}}).auth.enabled);
    CHECK(loaded("auth: {enabled: false}", {{"MCP_AUTH_TYPE", "env"}, {"MCP_BEARER_TOKEN", "k"}}).auth.enabled);
}

TEST_CASE("a factory is a validator's name or a library, and no Python function") {
    CHECK(readFrom({{"TOKEN_VALIDATOR_FACTORY", "/opt/mine.so"}}).config.auth.validator == Names{"/opt/mine.so"});
    CHECK(readFrom({{"TOKEN_VALIDATOR_FACTORY", "/opt/a:b.so"}}).errors.empty());
    const Read read = readFrom({{"TOKEN_VALIDATOR_FACTORY", "my.module:make"}});
    REQUIRE(read.errors.size() == 1);
    CHECK_THAT(read.errors[0],
               Catch::StartsWith("TOKEN_VALIDATOR_FACTORY: got \"my.module:make\", which names a Python function.") &&
                   Catch::Contains("oidc, jwt, introspection") && Catch::Contains("gatehouse plugin new NAME"));
    CHECK(read.config.auth.validator == Names{"static_file"});
}

TEST_CASE("the type says which validator, and what it needs") {
    struct Row {
        const char* what;
        Texts environment;
        const char* told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"jwt without its secret",
              {{"MCP_AUTH_TYPE", "jwt"}},
              "MCP_AUTH_TYPE=jwt: JWT_SECRET_KEY is not set, or empty"},
             {"env without its token",
              {{"MCP_AUTH_TYPE", "env"}},
              "MCP_AUTH_TYPE=env: MCP_BEARER_TOKEN is not set, or empty"},
             {"env with another's key",
              {{"MCP_AUTH_TYPE", "env"}, {"DCC_MCP_API_KEY", "k"}},
              "MCP_AUTH_TYPE=env: MCP_BEARER_TOKEN is not set, or empty"},
             {"something else", {{"MCP_AUTH_TYPE", "JWT"}}, "MCP_AUTH_TYPE: expected jwt, env or none, got \"JWT\""}}) {
        DYNAMIC_SECTION(row.what) { CHECK(readFrom(row.environment).errors == Names{row.told}); }
    }
    Config own;
    own.auth.validators["jwt"] = {{"jwks_file", "/k"}};
    CHECK(readFrom({{"MCP_AUTH_TYPE", "jwt"}}, own).errors.empty());
    const Read env = readFrom({{"MCP_AUTH_TYPE", "env"}, {"MCP_BEARER_TOKEN", "k"}});
    CHECK(env.errors.empty());
    CHECK(env.config.auth.validator == Names{"api_key"});
    CHECK(env.config.auth.validators.at("api_key") == Json({{"key", "k"}}));
    CHECK_FALSE(readFrom({{"MCP_AUTH_TYPE", "none"}}).config.auth.enabled);
}

TEST_CASE("a secret goes to jwt, with the audiences that its tokens may have") {
    Config config;
    config.auth.validator = {"jwt"};
    CHECK(readFrom({{"JWT_SECRET_KEY", "s"}}, config, true).config.auth.validators.at("jwt") ==
          Json({{"secret", "s"}, {"audience", {"{resource}", "mcp-server"}}}));
    config.auth.validators["jwt"] = {{"secret", "of the file"}, {"audience", "mine"}};
    CHECK(readFrom({{"JWT_SECRET_KEY", "s"}}, config, true).config.auth.validators.at("jwt") ==
          Json({{"secret", "s"}, {"audience", "mine"}}));
}

TEST_CASE("a bearer token goes to api_key where no key is set") {
    Config config;
    config.auth.validator = {"api_key"};
    config.auth.validators["api_key"] = {{"key", "of the file"}};
    CHECK(readFrom({{"MCP_BEARER_TOKEN", "k"}}, config, true).config.auth.validators.at("api_key").at("key") ==
          "of the file");
}

TEST_CASE("settings go to a validator of a chain, and to none that is not in force") {
    Config config;
    config.auth.validator = {"oidc", "static_file"};
    Texts environment = oidc;
    environment["JWT_SECRET_KEY"] = "s";
    const Read read = readFrom(environment, config, true);
    CHECK(read.errors.empty());
    CHECK(read.config.auth.validators.at("oidc").at("issuer") == "https://idp.example");
    CHECK(read.config.auth.validators.count("jwt") == 0);
}

TEST_CASE("the OIDC names fill the settings of oidc, before those of the file") {
    Config config;
    config.auth.validator = {"oidc"};
    config.auth.validators["oidc"] = {{"issuer", "https://file.example"}, {"provider", "keycloak"}};
    const Read read = readFrom({{"OIDC_ISSUER_URL", "https://idp.example"},
                                {"OIDC_AUDIENCE", "a, b"},
                                {"OIDC_ALGORITHMS", "RS256,ES256"},
                                {"OIDC_LEEWAY", "30"}},
                               config, false, true);
    CHECK(read.errors.empty());
    CHECK(read.config.auth.validators.at("oidc") ==
          Json::parse(R"({"issuer":"https://idp.example","provider":"keycloak",
              "audience":["a","b"],"algorithms":["RS256","ES256"],"leeway_seconds":30})"));
}

TEST_CASE("an issuer without an audience is refused, and a leeway that is no number of seconds") {
    CHECK_THAT(readFrom({{"OIDC_ISSUER_URL", "https://idp.example"}}).errors.at(0),
               Catch::StartsWith("OIDC_ISSUER_URL: OIDC_AUDIENCE is needed as well"));
    Config config;
    config.auth.validator = {"oidc"};
    config.auth.validators["oidc"] = {{"audience", "mine"}};
    CHECK(readFrom({{"OIDC_ISSUER_URL", "https://idp.example"}}, config, true).errors.empty());
    for (const char* leeway : {"-1", "1.5", "ten", "99999", "1 "}) {
        Texts environment = oidc;
        environment["OIDC_LEEWAY"] = leeway;
        CHECK(readFrom(environment).errors ==
              Names{"OIDC_LEEWAY: expected seconds, got \"" + std::string(leeway) + "\""});
    }
}

TEST_CASE("required scopes stand in a list with commas or blanks, and go before the file's") {
    CHECK(readFrom({{"MCP_REQUIRED_SCOPES", "mcp:access, read:docs write:docs,"}}).config.auth.policy ==
          Json({{"required_scopes", {"mcp:access", "read:docs", "write:docs"}}}));
    CHECK(readFrom({{"MCP_REQUIRED_SCOPES", " , "}}).config.auth.policy.empty());
    CHECK(loaded("auth: {policy: {required_scopes: [a], hide: false}}", {{"MCP_REQUIRED_SCOPES", "b"}}).auth.policy ==
          Json({{"required_scopes", {"b"}}, {"hide", false}}));
}

TEST_CASE("the resource's URL says where clients reach the server, unless the settings do") {
    for (const char* url :
         {"https://mcp.example", "https://mcp.example/", "https://mcp.example/mcp", "https://mcp.example/mcp/"})
        CHECK(readFrom({{"OAUTH_RESOURCE_URL", url}}).config.http.publicUrl == "https://mcp.example");
    Config config;
    config.http.publicUrl = "https://own.example";
    CHECK(readFrom({{"OAUTH_RESOURCE_URL", "https://mcp.example"}}, config).config.http.publicUrl ==
          "https://own.example");
}
