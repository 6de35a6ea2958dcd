#include <gatehouse/jose/strict_json.hpp>

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace std::literals;

namespace {

std::string nested(std::size_t depth, const std::string& open, const std::string& close) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += open;
    text += "1";
    for (std::size_t i = 0; i < depth; ++i) text += close;
    return text;
}

} // namespace

TEST_CASE("a document with one meaning is read as others read it") {
    for (const char* text :
         {"{}", "[]", "null", "true", "\"\"", "-0", "1.5e3", " { \"a\" : [ 1 , { \"b\" : null } , [ ] ] } ",
          R"({"a":{"a":{"a":1}},"b":{"a":2}})", R"([{"a":1},{"a":2}])", R"({"":1})", R"("\u00e4\ud83d\ude00\u0000")",
          "18446744073709551615", "9007199254740993", "1e-400"}) {
        DYNAMIC_SECTION(text) {
            const auto read = strictJson(text);
            REQUIRE(read.has_value());
            CHECK(*read == Json::parse(text));
        }
    }
}

TEST_CASE("J07 a document with two meanings, or none, is refused") {
    struct Row {
        const char* what;
        std::string_view text;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"nothing", ""},
                                    {"only blanks", "  "},
                                    {"a member twice", R"({"alg":"RS256","alg":"none"})"},
                                    {"a member twice, the same value", R"({"a":1,"a":1})"},
                                    {"a member twice, once escaped", R"({"alg":1,"\u0061lg":2})"},
                                    {"a member twice, not side by side", R"({"a":1,"b":{"c":[]},"a":2})"},
                                    {"a member twice within", R"({"a":[{"b":{"c":1,"c":2}}]})"},
                                    {"an empty name twice", R"({"":1,"":2})"},
                                    {"bytes after the end", "{}x"},
                                    {"two documents", "{}{}"},
                                    {"a comma at the end", "[1,]"},
                                    {"a comma at the end of an object", R"({"a":1,})"},
                                    {"a comment", "{}/**/"},
                                    {"single quotes", "{'a':1}"},
                                    {"a name without quotes", "{a:1}"},
                                    {"not closed", R"({"a":1)"},
                                    {"closed too often", "{}}"},
                                    {"closed otherwise", "[1}"},
                                    {"NaN", "[NaN]"},
                                    {"infinity", "[-Infinity]"},
                                    {"hexadecimal", "[0x10]"},
                                    {"a leading zero", "[01]"},
                                    {"a leading plus", "[+1]"},
                                    {"a number beyond every double", "[1e400]"},
                                    {"a number below every double", "[-1e400]"},
                                    {"a lone surrogate", R"(["\ud800"])"},
                                    {"surrogates in the wrong order", R"(["\udc00\ud800"])"},
                                    {"a line break in a text", "[\"a\nb\"]"},
                                    {"Latin-1", "[\"\xE4\"]"},
                                    {"an overlong byte sequence", "[\"\xC0\xAF\"]"},
                                    {"a surrogate in UTF-8", "[\"\xED\xA0\x80\"]"},
                                    {"UTF-16", "{\0}\0"sv}}) {
        DYNAMIC_SECTION(row.what) { CHECK_FALSE(strictJson(row.text).has_value()); }
    }
}

TEST_CASE("a NUL does not end a document: what follows it counts") {
    for (const std::string_view text :
         {"{}\0"sv, "{}\0{\"alg\":\"none\"}"sv, "\0{}"sv, "{\"a\":\"\0\"}"sv, "[1,\0 2]"sv})
        CHECK_FALSE(strictJson(text).has_value());
}

TEST_CASE("a byte order mark before a document is ignored (RFC 8259 section 8.1 leaves it to us), and only there") {
    CHECK(strictJson("\xEF\xBB\xBF{}").has_value());
    CHECK_FALSE(strictJson("{}\xEF\xBB\xBF").has_value());
    CHECK_FALSE(strictJson("\xEF\xBB\xBF\xEF\xBB\xBF{}").has_value());
    CHECK_FALSE(strictJson("\xEF\xBB{}").has_value());
}

TEST_CASE("J12 nesting has a limit") {
    CHECK(strictJson(nested(maxJsonDepth, "[", "]")).has_value());
    CHECK_FALSE(strictJson(nested(maxJsonDepth + 1, "[", "]")).has_value());
    CHECK(strictJson(nested(maxJsonDepth, "{\"a\":", "}")).has_value());
    CHECK_FALSE(strictJson(nested(maxJsonDepth + 1, "{\"a\":", "}")).has_value());
    CHECK(strictJson(nested(4, "[", "]"), 4).has_value());
    CHECK_FALSE(strictJson(nested(5, "[", "]"), 4).has_value());
    CHECK(strictJson("1", 0).has_value());
    CHECK_FALSE(strictJson("[]", 0).has_value());
    CHECK_FALSE(strictJson(std::string(1'000'000, '[')).has_value());
    CHECK_FALSE(strictJson(nested(3000, "{\"a\":", "}")).has_value());
}

TEST_CASE("beside one another there may be many") {
    std::string text = "[[]";
    for (int i = 0; i < 10'000; ++i) text += i % 2 == 0 ? ",[]" : ",{\"a\":[]}";
    CHECK(strictJson(text + "]")->size() == 10'001);
}

TEST_CASE("an object is asked for, and nothing else is one") {
    CHECK(strictJsonObject(R"({"a":1})").has_value());
    for (const char* other : {"[]", "[{}]", "\"{}\"", "null", "1", "true"})
        CHECK_FALSE(strictJsonObject(other).has_value());
}
