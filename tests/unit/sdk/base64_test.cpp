
#include <catch2/catch.hpp>

#include <set>
#include <vector>

#include <gatehouse/base64.hpp>
#include "base/random.hpp"

using namespace gatehouse;

TEST_CASE("base64 is that of RFC 4648 section 10") {
    struct Row {
        const char *bytes, *text, *urlText;
    };
    for (const Row& row : std::vector<Row>{{"", "", ""},
                                           {"f", "Zg==", "Zg"},
                                           {"fo", "Zm8=", "Zm8"},
                                           {"foo", "Zm9v", "Zm9v"},
                                           {"foob", "Zm9vYg==", "Zm9vYg"},
                                           {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                                           {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
                                           {"\xFB\xFF", "+/8=", "-_8"}}) {
        DYNAMIC_SECTION("\"" << row.text << "\"") {
            CHECK(base64(row.bytes) == row.text);
            CHECK(base64Url(row.bytes) == row.urlText);
            CHECK(fromBase64(row.text) == std::string(row.bytes));
            CHECK(fromBase64Url(row.urlText) == std::string(row.bytes));
        }
    }
}

TEST_CASE("what was written reads the same, whatever the bytes and their number") {
    for (std::size_t size = 0; size < 200; ++size) {
        const std::string bytes = randomBytes(size);
        CHECK(fromBase64(base64(bytes)) == bytes);
        CHECK(fromBase64Url(base64Url(bytes)) == bytes);
    }
}

TEST_CASE("what is not written by the rule is refused") {
    struct Row {
        const char* what;
        std::string text;
        bool standard, url;
    };
    for (const Row& row : std::vector<Row>{{"without padding", "Zg", false, true},
                                           {"with padding", "Zg==", true, false},
                                           {"one sign of padding too few", "Zg=", false, false},
                                           {"padding after whole groups", "Zm9v====", false, false},
                                           {"three signs of padding", "Z===", false, false},
                                           {"padding alone", "====", false, false},
                                           {"padding inside", "Zg==Zm9v", false, false},
                                           {"a letter after padding", "Zg=v", false, false},
                                           {"a lone letter", "Zm9vZ", false, false},
                                           {"bits left over", "Zh==", false, false},
                                           {"bits left over, unpadded", "Zh", false, false},
                                           {"bits left over of two bytes", "Zm9=", false, false},
                                           {"bits left over of two bytes, unpadded", "Zm9", false, false},
                                           {"the alphabet of URLs", "-_-_", false, true},
                                           {"the standard alphabet", "+/+/", true, false},
                                           {"both alphabets", "+_+_", false, false},
                                           {"white space", "Zm 9", false, false},
                                           {"a line end", "Zm9v\n", false, false},
                                           {"a NUL", std::string("Zm9\0", 4), false, false},
                                           {"a byte beyond ASCII", "Zm9\xC3", false, false}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(fromBase64(row.text).has_value() == row.standard);
            CHECK(fromBase64Url(row.text).has_value() == row.url);
        }
    }
}

TEST_CASE("no two texts of up to three letters mean the same bytes") {
    const std::string letters = "ABEIQgw089-_";
    std::set<std::string> seen;
    const auto mustBeNew = [&seen](const std::string& text) {
        if (const auto bytes = fromBase64Url(text)) CHECK(seen.insert(*bytes).second);
    };
    for (const char a : letters)
        for (const char b : letters) {
            mustBeNew({a, b});
            for (const char c : letters) mustBeNew({a, b, c});
        }
    CHECK(seen.size() > 100);
}
