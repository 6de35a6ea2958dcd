#include <gatehouse/json_members.hpp>

#include <catch2/catch.hpp>

#include <vector>

#include <gatehouse/json.hpp>

using namespace gatehouse;

TEST_CASE("the members of an object come in their order, as they stand") {
    JsonMembers members(R"( { "a" : 1 , "b":{"c":[1,"}]"]},"":"x\"y" , "d":null } trailing)" + 1);
    const std::vector<std::pair<std::string, std::string>> wanted{
        {"\"a\"", "1"}, {"\"b\"", R"({"c":[1,"}]"]})"}, {"\"\"", R"("x\"y")"}, {"\"d\"", "null"}};
    for (const auto& [name, value] : wanted) {
        const auto member = members.next();
        CHECK(member.name == name);
        CHECK(member.value == value);
    }
    CHECK(members.next().name.empty());
    CHECK(members.next().name.empty());
}

TEST_CASE("the length of a value is that of the first one") {
    struct Row {
        std::string text;
        std::size_t length;
    };
    for (const Row& row : std::vector<Row>{{"", 0},
                                           {"1,2", 1},
                                           {"-1.5e3}", 6},
                                           {"true]", 4},
                                           {"null", 4},
                                           {R"("a\"b",1)", 6},
                                           {R"("\\",1)", 4},
                                           {"[[1],[2]],3", 9},
                                           {R"({"a":"}"}x)", 9},
                                           {"{}", 2},
                                           {"\"open", 5},
                                           {"[1,", 3}}) {
        DYNAMIC_SECTION('"' << row.text << '"') { CHECK(jsonValueLength(row.text) == row.length); }
    }
}

TEST_CASE("a string is decoded as the JSON library decodes it") {
    for (const char* text : {R"("")", R"("plain")", R"("a\"b\\c\/d")", R"("\b\f\n\r\t")", R"("\u0041\u00e9\u20AC")",
                             R"("\ud83d\ude00!")", R"("x\u0000y")", "\"Grüße\"", R"("end\\")"}) {
        DYNAMIC_SECTION(text) { CHECK(decodedJsonString(text) == Json::parse(text).get<std::string>()); }
    }
}

TEST_CASE("half of a surrogate pair becomes a replacement character") {
    for (const char* text : {R"("\ud83d")", R"("\ude00")"}) {
        DYNAMIC_SECTION(text) { CHECK(decodedJsonString(text) == "\xEF\xBF\xBD"); }
    }
    CHECK(decodedJsonString(R"("\ud83dx")") == "\xEF\xBF\xBDx");
}

TEST_CASE("a text member is found by its name, however that is written") {
    const std::string object =
        R"({"n":1,"text":"one","inner":{"deep":"x"},"esc\u0061ped":"two","empty":"","list":["text"]})";
    CHECK(jsonTextMember(object, "text") == "one");
    CHECK(jsonTextMember(object, "escaped") == "two");
    CHECK(jsonTextMember(object, "empty") == "");
    for (const char* name : {"n", "deep", "list", "inner", "nothing", "", "tex", "text\""}) {
        DYNAMIC_SECTION('"' << name << '"') { CHECK_FALSE(jsonTextMember(object, name).has_value()); }
    }
    CHECK_FALSE(jsonTextMember("{}", "text").has_value());
}

TEST_CASE("text that is no JSON is never read beyond its end") {
    for (const std::string& text :
         std::vector<std::string>{"", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"", "{\"a\":\"\\",
                                  "{\"a\":\"\\u", "{\"a\":\"\\u12", "{\"a\":\"\\ud83d\\u", "{\"a\":[", "}", "{\"\\"}) {
        DYNAMIC_SECTION('"' << text << '"') {
            const std::vector<char> exact(text.begin(), text.end()); // a sanitizer sees a byte too many
            CHECK_NOTHROW(jsonTextMember({exact.data(), exact.size()}, "a"));
        }
    }
}
