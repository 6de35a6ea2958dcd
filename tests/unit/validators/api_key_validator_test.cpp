#include "validators/api_key/api_key_validator.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>

#include "support/declared_settings.hpp"
#include "support/scratch_folder.hpp"
#include "support/scripted_host.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using api_key::ApiKeyValidator;

namespace {

const std::string key(40, 'k');

// The variable of one test.
class KeyVariable {
public:
    explicit KeyVariable(const std::string& value) { ::setenv(name, value.c_str(), 1); }
    ~KeyVariable() { ::unsetenv(name); }
    KeyVariable(const KeyVariable&) = delete;
    KeyVariable& operator=(const KeyVariable&) = delete;
    static constexpr const char* name = "GATEHOUSE_TEST_API_KEY";
};

std::string wordWith(const Json& settings, const std::string& token) {
    const ScriptedHost host;
    ApiKeyValidator validator{settingsFor<ApiKeyValidator>(settings), host};
    return wordFor(validator, token);
}

} // namespace

TEST_CASE("the one key is accepted, and nothing that only resembles it") {
    CHECK(wordWith({{"key", key}}, key) == "accepted");
    for (const std::string& other :
         {std::string(), key.substr(1), key + "k", key + key, key + "\n", std::string(40, 'K')})
        CHECK(wordWith({{"key", key}}, other) == "unknown");
}

TEST_CASE("D13: one line end at the end of a key is cut, wherever the key stands") {
    const ScratchFolder folder;
    const Json fromEnvironment{{"env_var", KeyVariable::name}};
    for (const char* end : {"", "\n", "\r\n"}) {
        const KeyVariable variable(key + end);
        CHECK(wordWith(fromEnvironment, key) == "accepted");
        CHECK(wordWith({{"key", key + end}}, key) == "accepted");
        CHECK(wordWith({{"key", "file:" + folder.write("key", key + end)}}, key) == "accepted");
    }
    const ScriptedHost host;
    for (const std::string& odd : {key + "\n\n", key + " ", "\t" + key, key + " \r\n"}) {
        const KeyVariable variable(odd);
        CHECK_THAT(refusalOf<ApiKeyValidator>(fromEnvironment, host), Catch::Contains("begins or ends with a blank"));
        CHECK_THAT(refusalOf<ApiKeyValidator>({{"key", odd}}, host), Catch::Contains("begins or ends with a blank"));
    }
}

TEST_CASE("D13: a blank key is no key") {
    const ScriptedHost host;
    for (const char* blank : {"", "\n", "\r\n", "  \n"}) {
        const KeyVariable variable(blank);
        CHECK_THAT(refusalOf<ApiKeyValidator>({{"env_var", KeyVariable::name}}, host), Catch::StartsWith("no key: "));
        CHECK(refusalOf<ApiKeyValidator>({{"key", blank}, {"allow_short_key", true}}, host) == "key: is empty");
    }
}

TEST_CASE("a short key is refused unless it is asked for, and no refusal shows it") {
    const ScriptedHost host;
    const std::string told = refusalOf<ApiKeyValidator>({{"key", "hunter2"}}, host);
    CHECK_THAT(told, Catch::StartsWith("key: has 7 characters, expected 32 or more"));
    CHECK(told.find("hunter2") == std::string::npos);
    CHECK(wordWith({{"key", "hunter2"}, {"allow_short_key", true}}, "hunter2") == "accepted");
    CHECK(wordWith({{"key", std::string(32, 'k')}}, std::string(32, 'k')) == "accepted");
    CHECK_THAT(refusalOf<ApiKeyValidator>({{"key", std::string(31, 'k')}}, host), Catch::StartsWith("key: has 31 "));
}

TEST_CASE("D14: a key of digits is the digits") {
    const std::string digits = "1234567890";
    CHECK(wordWith({{"key", 1234567890}, {"allow_short_key", true}}, digits) == "accepted");
    const std::string told = refusalOf<ApiKeyValidator>({{"key", 1234567890}}, ScriptedHost());
    CHECK_FALSE(told.empty());
    CHECK(told.find(digits) == std::string::npos);
    const std::string fraction = refusalOf<ApiKeyValidator>({{"key", 1234567.5}}, ScriptedHost());
    CHECK(fraction == "key: expected a string; put the secret in quotes");
}

TEST_CASE("who has the key is whom the settings name, with their scopes") {
    const ScriptedHost host;
    ApiKeyValidator validator{
        settingsFor<ApiKeyValidator>(Json{
            {"key", key}, {"subject", "robot"}, {"scopes", {"read"}}, {"header_name", "X-Key"}, {"scheme", "none"}}),
        host};
    const auto yes = std::get<Accepted>(validator.validate(requestWith(key)));
    CHECK(yes.identity.subject == "robot");
    CHECK(yes.identity.isolationKey == "robot");
    CHECK(yes.identity.scopes == std::vector<std::string>{"read"});
    CHECK(yes.identity.expiresAt == never);
    CHECK(validator.traits().runsInline);
    CHECK(validator.traits().header == "X-Key");
    CHECK(validator.traits().scheme == "none");
}
