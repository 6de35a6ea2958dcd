#include <gatehouse/bearer_check.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;

using Fields = std::vector<HeaderField>;

TEST_CASE("the expected bearer token is found in exactly one header, written in one way") {
    struct Row {
        const char* what;
        Fields fields;
        bool found;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"as sent by most", {{"Authorization", "Bearer secret"}}, true},
             {"header and scheme in any case", {{"aUTHORIZATION", "bEARER secret"}}, true},
             {"more than one blank", {{"Authorization", "Bearer   secret"}}, true},
             {"behind others", {{"Host", "a"}, {"Authorization", "Bearer secret"}, {"X", "y"}}, true},
             {"no header", {}, false},
             {"another header", {{"X-Authorization", "Bearer secret"}}, false},
             {"twice", {{"Authorization", "Bearer secret"}, {"authorization", "Bearer secret"}}, false},
             {"another scheme", {{"Authorization", "Basic secret"}}, false},
             {"no scheme", {{"Authorization", "secret"}}, false},
             {"no blank", {{"Authorization", "Bearersecret"}}, false},
             {"a tab", {{"Authorization", "Bearer\tsecret"}}, false},
             {"nothing behind the scheme", {{"Authorization", "Bearer"}}, false},
             {"a blank behind the scheme", {{"Authorization", "Bearer "}}, false},
             {"empty", {{"Authorization", ""}}, false},
             {"another token", {{"Authorization", "Bearer secreT"}}, false},
             {"its beginning", {{"Authorization", "Bearer secre"}}, false},
             {"more than it", {{"Authorization", "Bearer secrets"}}, false},
             {"twice in a row", {{"Authorization", "Bearer secretsecret"}}, false},
             {"a blank behind it", {{"Authorization", "Bearer secret "}}, false}}) {
        DYNAMIC_SECTION(row.what) { CHECK(hasBearerToken(row.fields, "secret") == row.found); }
    }
}

TEST_CASE("nothing matches an empty token") {
    for (const char* value : {"Bearer ", "Bearer  ", "Bearer", "Bearer x"})
        CHECK_FALSE(hasBearerToken({{"Authorization", value}}, ""));
    CHECK_FALSE(sameText("", ""));
    CHECK_FALSE(sameText("a", ""));
    CHECK_FALSE(sameText("", "a"));
}

TEST_CASE("another header may carry the token") {
    CHECK(hasBearerToken({{"x-mcp-token", "Bearer t"}}, "t", "X-MCP-Token"));
    CHECK_FALSE(hasBearerToken({{"Authorization", "Bearer t"}}, "t", "X-MCP-Token"));
}

TEST_CASE("texts are the same when every byte is") {
    CHECK(sameText("abc", "abc"));
    CHECK(sameText(std::string_view("a\0b", 3), std::string_view("a\0b", 3)));
    CHECK_FALSE(sameText(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
    CHECK_FALSE(sameText("abd", "abc"));
    CHECK_FALSE(sameText("abcabc", "abc"));
    CHECK_FALSE(sameText("ab", "abc"));
}
