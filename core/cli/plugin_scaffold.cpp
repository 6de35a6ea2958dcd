#include "cli/plugin_scaffold.hpp"

#include <algorithm>

namespace gatehouse::cli {

namespace {

constexpr const char* buildFile = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES CXX)

set(CMAKE_CXX_STANDARD 17)
find_package(gatehouse REQUIRED) # -DCMAKE_PREFIX_PATH=<where gatehouse is installed>
gatehouse_add_plugin(@NAME@ SOURCES @NAME@.cpp)
)";

constexpr const char* sourceFile =
    R"(// @NAME@: lets a token in when another validator accepts it, and the caller's address is on a list.
#include <algorithm>

#include <gatehouse/plugin.hpp>

class Validator final : public gatehouse::TokenValidator {
public:
    // Throw gatehouse::SettingsError for what cannot be meant: the server then does not start.
    Validator(const gatehouse::Settings& settings, const gatehouse::Host& host)
        : inner_(host.validator(settings.string("validator", "jwt"))), addresses_(settings.strings("addresses")) {
        if (addresses_.empty()) throw gatehouse::SettingsError("addresses: is empty; nobody could call");
    }

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
tokens: jwt            # jwt, opaque (introspected), key (one fixed text) or stored (in the token file)
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

std::vector<std::pair<std::string, std::string>> scaffoldOf(const std::string& name) {
    return {{"CMakeLists.txt", named(buildFile, name)},
            {name + ".cpp", named(sourceFile, name)},
            {"gatehouse.yaml", named(settingsFile, name)},
            {"check.yaml", named(checkFile, name)},
            {"README.md", named(readmeFile, name)}};
}

} // namespace gatehouse::cli
