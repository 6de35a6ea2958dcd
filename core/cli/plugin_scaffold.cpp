#include "cli/plugin_scaffold.hpp"

#include <algorithm>

namespace gatehouse::cli {

namespace {

constexpr const char* buildFile = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES CXX)

set(CMAKE_CXX_STANDARD 17)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
find_package(gatehouse REQUIRED) # -DCMAKE_PREFIX_PATH=<where gatehouse is installed>
gatehouse_add_plugin(@NAME@ SOURCES @NAME@.cpp)
)";

constexpr const char* testBuild = R"(
enable_testing()
add_executable(@NAME@_test @NAME@_test.cpp)
target_link_libraries(@NAME@_test PRIVATE gatehouse::testing)
add_test(NAME @NAME@_test COMMAND @NAME@_test)
)";

constexpr const char* backendSource =
    R"code(// @NAME@: a backend with two tools. The server makes it once; its handlers run for many callers at once.
#include <gatehouse/tool_table.hpp>

struct Add {
    double a = 0, b = 0;
};
struct Sum {
    double sum = 0;
};
GATEHOUSE_FIELDS(Add, a, b)
GATEHOUSE_FIELDS(Sum, sum)

// All settings there are, as a JSON Schema. They are checked, and have their defaults, before the backend is made.
GATEHOUSE_SETTINGS(R"json({"properties": {
  "greeting": {"type": "string", "default": "Hello", "description": "what a caller is greeted with"}
}})json")

class Backend final : public gatehouse::ToolTable {
public:
    // Throw gatehouse::SettingsError for what cannot be meant: the server then does not start.
    Backend(const gatehouse::Settings& settings, const gatehouse::Host&) : greeting_(settings.string("greeting")) {
        // Runs on the event loop: it never blocks and takes microseconds. The default is a worker thread.
        tool("add", "Adds two numbers.", [](const Add& in) { return Sum{in.a + in.b}; }).runsInline = true;
        tool("greet", "Greets the caller.",
             [this](gatehouse::Call& call) { return greeting_ + ", " + call.caller().subject + "!"; });
    }

private:
    const std::string greeting_;
};

GATEHOUSE_BACKEND(Backend, "@NAME@", "0.1.0")
)code";

constexpr const char* backendTest = R"(// The tools of @NAME@, without a server.
#undef NDEBUG
#include <cassert>

#include <gatehouse/testing.hpp>

#include "@NAME@.cpp"

using namespace gatehouse::testing;

int main() {
    FakeHost host;
    Backend backend(declaredSettings(gatehouse_plugin_settings, {{"greeting", "Good day"}}), host);
    assert(callTool(backend, "add", {{"a", 1}, {"b", 2}})["structuredContent"]["sum"] == 3);
    assert(textOf(callTool(backend, "greet", {}, someone("Ann"))) == "Good day, Ann!");
}
)";

constexpr const char* backendSettings = R"(# gatehouse serve --config gatehouse.yaml
backend:
  plugin: "${PWD}/build/@NAME@.so"
  settings: { greeting: Hello }
)";

constexpr const char* backendCheck =
    R"(# gatehouse plugin check build/@NAME@.so: what it calls, and how the backend is made for it
settings: { greeting: Good day }   # the backend's own
# Each feature is called once with arguments made from its schema. Calls of your own come in their place:
calls:
  - { tool: add, arguments: { a: 1, b: 2 }, expect: { sum: 3 } }   # the structured content, or a string: the text
  - { tool: greet, expect: "Good day, kit-user!" }
  # - { tool: export, cancel: true }   # takes long: it is interrupted and must return
# skip: [drop_everything]            # features that are not called at all
# without: [leaks]                   # checks to leave out: calls, schema, secrecy, concurrency, cancel, closing, leaks, inline
)";

constexpr const char* backendReadme = R"(# @NAME@

A backend for Gatehouse: tools that its callers may use.

    cmake -B build -DCMAKE_PREFIX_PATH=<where gatehouse is installed> && cmake --build build
    ctest --test-dir build
    gatehouse plugin check build/@NAME@.so
    gatehouse token add && gatehouse serve --config gatehouse.yaml

Contracts (threads, lifetime, errors) are in the headers: gatehouse/tool_table.hpp, gatehouse/call.hpp,
gatehouse/backend.hpp.
)";

constexpr const char* sourceFile =
    R"code(// @NAME@: lets a token in when another validator accepts it, and the caller's address is on a list.
#include <algorithm>

#include <gatehouse/plugin.hpp>

// All settings there are, as a JSON Schema. They are checked, and have their defaults, before the validator is made.
GATEHOUSE_SETTINGS(R"json({"required": ["addresses"], "properties": {
  "validator": {"type": "string", "default": "jwt", "description": "who judges the token itself"},
  "addresses": {"type": "array", "items": {"type": "string"}, "minItems": 1, "description": "from which one may call"}
}})json")

class Validator final : public gatehouse::TokenValidator {
public:
    // Throw gatehouse::SettingsError for what cannot be meant: the server then does not start.
    Validator(const gatehouse::Settings& settings, const gatehouse::Host& host)
        : inner_(host.validator(settings.string("validator"))), addresses_(settings.strings("addresses")) {}

    // Called from many threads at once. Say what is wrong in `detail`, for the log; never the token.
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override {
        gatehouse::Verdict verdict = inner_.validate(request);
        auto* accepted = std::get_if<gatehouse::Accepted>(&verdict);
        if (!accepted) return verdict;
        accepted->cache = accepted->cache.perPeer(); // from another address it is another question
        const bool known = std::find(addresses_.begin(), addresses_.end(), request.peer) != addresses_.end();
        if (known) return verdict;
        return gatehouse::Rejected{gatehouse::Rejected::Reason::forbidden, "address not allowed", accepted->cache, {}};
    }

private:
    gatehouse::TokenValidator& inner_;
    const std::vector<std::string> addresses_;
};

GATEHOUSE_TOKEN_VALIDATOR(Validator, "@NAME@", "0.1.0")
)code";

constexpr const char* validatorTest = R"(// @NAME@, without a server.
#undef NDEBUG
#include <cassert>

#include <gatehouse/testing.hpp>
#include <gatehouse/verdict_builder.hpp>

#include "@NAME@.cpp"

using namespace gatehouse::testing;

// Stands for the validator that @NAME@ asks.
struct Inner final : gatehouse::TokenValidator {
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override {
        if (request.token != "good") return gatehouse::reject(gatehouse::Reason::unknown, "not the good token");
        return gatehouse::accept("issuer", "ann");
    }
};

int main() {
    FakeHost host;
    Inner inner;
    host.validators["jwt"] = &inner;
    Validator validator(declaredSettings(gatehouse_plugin_settings, {{"addresses", {"192.0.2.1"}}}), host);
    assert(identityIn(judge(validator, "good", "192.0.2.1"))->subject == "ann");
    assert(isRejected(judge(validator, "good", "192.0.2.2"), gatehouse::Reason::forbidden));
    assert(isRejected(judge(validator, "bad", "192.0.2.1"), gatehouse::Reason::unknown));
}
)";

constexpr const char* settingsFile = R"(# gatehouse serve --config gatehouse.yaml
auth:
  validator: @NAME@
  validators:
    @NAME@:
      plugin: "${PWD}/build/@NAME@.so"
      validator: jwt
      addresses: [127.0.0.1]
    jwt:
      secret: "${JWT_SECRET_KEY}"   # gatehouse generate-key
      audience: ["{resource}", mcp-server]
backend:
  plugin: echo
)";

constexpr const char* checkFile = R"(# gatehouse plugin check build/@NAME@.so
# What the check may put into the settings: ${kit.issuer} ${kit.audience} ${kit.secret} ${kit.jwks} ${kit.jwks_file}
# ${kit.public_key} ${kit.public_key_file} ${kit.introspection} ${kit.token_endpoint}
tokens: jwt            # jwt, opaque (introspected), key (one fixed text), stored (in the token file) or listed (below)
# good: ["${GOOD_TOKEN}"]   # tokens of your own that must be accepted,
# bad: [expired-token]   # and refused
algorithms: [HS256]    # what good tokens are signed with; HS with ${kit.secret}, others with keys of ${kit.jwks}
leeway_seconds: 10     # by how much the validator lets clocks differ
# without: [issuer]    # classes that do not apply
# headers: {X-Tenant: acme}   # that requests carry
# patience_seconds: 10 # for the validator to come to know its keys

settings:              # of @NAME@, as under auth.validators
  validator: jwt
  addresses: [127.0.0.1]   # the check asks from there, and once from elsewhere

validators:            # others that it asks by name
  jwt: {secret: "${kit.secret}", issuer: "${kit.issuer}", audience: "${kit.audience}"}
)";

constexpr const char* readmeFile = R"(# @NAME@

A token validator for Gatehouse: an address allow-list on top of another validator.

    cmake -B build -DCMAKE_PREFIX_PATH=<where gatehouse is installed> && cmake --build build
    ctest --test-dir build
    gatehouse plugin check build/@NAME@.so
    JWT_SECRET_KEY=$(gatehouse generate-key) gatehouse serve --config gatehouse.yaml

The check asks it about several hundred tokens that are made for it, from many threads, and while its provider is down;
check.yaml says which settings it is made with and which tokens it must take.

Contracts (threads, lifetime, errors) are in the headers: gatehouse/token_validator.hpp, gatehouse/verdict.hpp.
)";

std::string named(std::string text, const std::string& name) {
    constexpr std::string_view mark = "@NAME@";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + name.size()))
        text.replace(at, mark.size(), name);
    return text;
}

} // namespace

bool isPluginName(const std::string& name) {
    constexpr std::size_t longest = 40;
    const auto isSmall = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= longest && isSmall(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return isSmall(c) || (c >= '0' && c <= '9') || c == '_'; });
}

std::vector<std::pair<std::string, std::string>> scaffoldOf(const std::string& name, PluginKind kind) {
    if (kind == PluginKind::backend)
        return {{"CMakeLists.txt", named(std::string(buildFile) + testBuild, name)},
                {name + ".cpp", named(backendSource, name)},
                {name + "_test.cpp", named(backendTest, name)},
                {"gatehouse.yaml", named(backendSettings, name)},
                {"check.yaml", named(backendCheck, name)},
                {"README.md", named(backendReadme, name)}};
    return {{"CMakeLists.txt", named(std::string(buildFile) + testBuild, name)},
            {name + ".cpp", named(sourceFile, name)},
            {name + "_test.cpp", named(validatorTest, name)},
            {"gatehouse.yaml", named(settingsFile, name)},
            {"check.yaml", named(checkFile, name)},
            {"README.md", named(readmeFile, name)}};
}

} // namespace gatehouse::cli
