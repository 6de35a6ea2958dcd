#include "auth/credential.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

enum class Found { token, none, broken, ambiguous };

Found kindOf(const CredentialResult& result) {
    if (std::holds_alternative<Credential>(result)) return Found::token;
    if (std::holds_alternative<NoCredential>(result)) return Found::none;
    return std::get<BrokenCredential>(result).ambiguous ? Found::ambiguous : Found::broken;
}

CredentialResult read(const std::string& value) {
    return readCredential({{"Authorization", value}}, "", ValidatorTraits{});
}

} // namespace

TEST_CASE("a credential is written one way only") {
    struct Row {
        const char* what;
        std::string value;
        const char* token; // null: broken
    };
    for (const Row& row : std::initializer_list<Row>{
             {"plain", "Bearer abc", "abc"},
             {"the scheme in any case", "bEaReR abc", "abc"},
             {"every character of token68", "Bearer aZ09-._~+/==", "aZ09-._~+/=="},
             {"several spaces", "Bearer   abc", "abc"},
             {"another scheme", "Basic abc", nullptr},
             {"a scheme that begins alike", "BearerX abc", nullptr},
             {"no scheme", "abc", nullptr},
             {"no token", "Bearer", nullptr},
             {"nothing behind the space", "Bearer ", nullptr},
             {"nothing at all", "", nullptr},
             {"two tokens", "Bearer abc def", nullptr},
             {"two credentials in a list", "Bearer abc, Bearer def", nullptr},
             {"parameters", "Bearer abc;x=y", nullptr},
             {"a tab for the space", "Bearer\tabc", nullptr},
             {"a tab behind the space", "Bearer \tabc", nullptr},
             {"an equals sign inside", "Bearer a=b", nullptr},
             {"equals signs alone", "Bearer ==", nullptr},
             {"an RFC 2047 word stays literal", "Bearer =?utf-8?B?YWJj?=", nullptr},
             {"an RFC 2047 word as the whole value stays literal", "=?utf-8?B?QmVhcmVyIGFiYw==?=", nullptr},
             {"a token in quotes", "Bearer \"abc\"", nullptr},
             {"a percent escape", "Bearer a%62c", nullptr},
             {"a NUL", std::string("Bearer a\0c", 10), nullptr},
             {"a line break of a folded header", "Bearer\r\n abc", nullptr},
             {"a byte beyond ASCII", "Bearer \xC3\xA4", nullptr}}) {
        DYNAMIC_SECTION(row.what) {
            const auto result = read(row.value);
            REQUIRE(kindOf(result) == (row.token ? Found::token : Found::broken));
            if (row.token) CHECK(std::get<Credential>(result).token == row.token);
        }
    }
}

TEST_CASE("a credential comes from one place only") {
    using Fields = std::vector<HeaderField>;
    struct Row {
        const char* what;
        Fields fields;
        const char* query;
        Found found;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"the header", Fields{{"Authorization", "Bearer a"}}, "", Found::token},
             {"the header in any case", Fields{{"aUTHORIZATION", "Bearer a"}}, "", Found::token},
             {"no header", Fields{{"X", "Bearer a"}}, "", Found::none},
             {"a cookie", Fields{{"Cookie", "access_token=a"}}, "", Found::none},
             {"a proxy's header", Fields{{"Proxy-Authorization", "Bearer a"}}, "", Found::none},
             {"the query alone is no credential", Fields{}, "access_token=a", Found::none},
             {"two headers that agree", Fields{{"Authorization", "Bearer a"}, {"authorization", "Bearer a"}}, "",
              Found::ambiguous},
             {"two headers that differ", Fields{{"Authorization", "Bearer a"}, {"Authorization", "Basic b"}}, "",
              Found::ambiguous},
             {"a header and the query", Fields{{"Authorization", "Bearer a"}}, "access_token=b", Found::ambiguous},
             {"a header and the query behind others", Fields{{"Authorization", "Bearer a"}}, "x=1&ACCESS_TOKEN=b",
              Found::ambiguous},
             {"a header and an empty query token", Fields{{"Authorization", "Bearer a"}}, "access_token",
              Found::ambiguous},
             {"another query parameter", Fields{{"Authorization", "Bearer a"}}, "my_access_token=b&x=access_token",
              Found::token}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(kindOf(readCredential(row.fields, row.query, ValidatorTraits{})) == row.found);
        }
    }
}

TEST_CASE("a validator may want another header and another scheme") {
    ValidatorTraits traits;
    traits.header = "X-Api-Key";
    traits.scheme = "Key";
    const auto result = readCredential({{"Authorization", "Bearer no"}, {"x-api-key", "KEY yes"}}, "", traits);
    REQUIRE(kindOf(result) == Found::token);
    CHECK(std::get<Credential>(result).token == "yes");
    CHECK(std::get<Credential>(result).scheme == "KEY");
}

TEST_CASE("a validator may want the bare token, without a scheme") {
    ValidatorTraits traits;
    traits.header = "X-Api-Key";
    traits.scheme = "none";
    struct Row {
        const char* value;
        Found found;
    };
    for (const Row& row : std::initializer_list<Row>{{"the-key", Found::token},
                                                     {"Bearer the-key", Found::broken},
                                                     {"none the-key", Found::broken},
                                                     {" the-key", Found::broken},
                                                     {"the-key ", Found::broken},
                                                     {"a,b", Found::broken},
                                                     {"=", Found::broken},
                                                     {"", Found::broken}}) {
        DYNAMIC_SECTION('"' << row.value << '"') {
            const auto result = readCredential({{"x-api-key", row.value}}, "", traits);
            CHECK(kindOf(result) == row.found);
            if (row.found == Found::token) CHECK(std::get<Credential>(result).token == row.value);
        }
    }
    CHECK(kindOf(readCredential({{"X-Api-Key", "a"}, {"X-Api-Key", "a"}}, "", traits)) == Found::ambiguous);
    CHECK(kindOf(readCredential({{"Authorization", "Bearer a"}}, "", traits)) == Found::none);
}
