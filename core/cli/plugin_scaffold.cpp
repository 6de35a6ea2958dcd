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
        : inner_(host.validator(settings.text("validator", "jwt"))), addresses_(settings.texts("addresses")) {
        settings.allowOnly({"validator", "addresses"});
        if (addresses_.empty()) throw gatehouse::SettingsError("addresses: is empty; nobody could call");
    }

    // Called from many threads at once. Say what is wrong in `detail`, for the log; never the token.
    gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override {
        gatehouse::Verdict verdict = inner_.validate(request);
        auto* accepted = std::get_if<gatehouse::Accepted>(&verdict);
        if (!accepted) return verdict;
        accepted->cache.varyBy |= gatehouse::CachePolicy::peer; // from another address it is another question
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

constexpr const char* readmeFile = R"(# @NAME@

A token validator for Gatehouse: an address allow-list on top of another validator.

    cmake -B build -DCMAKE_PREFIX_PATH=<where gatehouse is installed> && cmake --build build
    JWT_SECRET_KEY=$(gatehouse generate-key) gatehouse serve --config gatehouse.yaml

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
            {"README.md", named(readmeFile, name)}};
}

} // namespace gatehouse::cli
