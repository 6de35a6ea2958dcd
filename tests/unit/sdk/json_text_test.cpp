#include <gatehouse/json_text.hpp>

#include <catch2/catch.hpp>

#include <vector>

#include <gatehouse/json.hpp>

using namespace gatehouse;

namespace {

std::string jsonOf(std::string_view text) {
    std::string out;
    appendJsonString(out, text);
    return out;
}

} // namespace

TEST_CASE("a text is written as JSON with its quotes") {
    struct Row {
        const char* what;
        std::string text, json;
    };
    for (const Row& row :
         std::vector<Row>{{"nothing", "", "\"\""},
                          {"plain", "abc", "\"abc\""},
                          {"quotes", "a\"b", "\"a\\\"b\""},
                          {"a backslash", "a\\b", "\"a\\\\b\""},
                          {"line breaks and tabs", "\n\r\t", "\"\\n\\r\\t\""},
                          {"other control characters", std::string("\0\x01\x1f", 3), "\"\\u0000\\u0001\\u001f\""},
                          {"delete", "\x7f", "\"\\u007f\""},
                          {"two bytes", "\xc3\xa9", "\"\xc3\xa9\""},
                          {"four bytes", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
                          {"the last code point", "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
                          {"a slash stays", "a/b", "\"a/b\""}}) {
        DYNAMIC_SECTION(row.what) { CHECK(jsonOf(row.text) == row.json); }
    }
}

TEST_CASE("each byte that is no UTF-8 becomes a replacement character") {
    const std::string bad = "\xEF\xBF\xBD";
    struct Row {
        const char* what;
        std::string text, json;
    };
    for (const Row& row : std::vector<Row>{{"a lone continuation", "a\x80z", "a" + bad + "z"},
                                           {"a cut sequence at the end", "a\xc3", "a" + bad},
                                           {"a cut sequence before a letter", "\xe2\x82z", bad + bad + "z"},
                                           {"an overlong slash", "\xc0\xaf", bad + bad},
                                           {"an overlong three bytes", "\xe0\x80\xaf", bad + bad + bad},
                                           {"half of a surrogate pair", "\xed\xa0\x80", bad + bad + bad},
                                           {"beyond the last code point", "\xf4\x90\x80\x80", bad + bad + bad + bad},
                                           {"bytes that never occur", "\xfe\xff", bad + bad}}) {
        DYNAMIC_SECTION(row.what) { CHECK(jsonOf(row.text) == '"' + row.json + '"'); }
    }
}

TEST_CASE("what is appended is always JSON, and keeps what it can: every pair of bytes") {
    for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b) {
            const std::string text{'x', static_cast<char>(a), static_cast<char>(b), 'y'};
            Json read;
            REQUIRE_NOTHROW(read = Json::parse(jsonOf(text)));
            const auto value = read.get<std::string>();
            REQUIRE(value.front() == 'x');
            REQUIRE(value.back() == 'y');
            if (a < 0x80 && b < 0x80) REQUIRE(value == text);
        }
}

TEST_CASE("appending leaves what is there") {
    std::string out = "{\"a\":";
    appendJsonString(out, "b");
    CHECK(out == "{\"a\":\"b\"");
}
