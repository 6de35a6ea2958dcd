#include "base/random.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <vector>

using namespace gatehouse;

TEST_CASE("random bytes come in the number asked for and differ each time") {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{4096}}) {
        DYNAMIC_SECTION(count << " bytes") { CHECK(randomBytes(count).size() == count); }
    }
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(randomBytes(16));
    CHECK(seen.size() == 1000);
}

TEST_CASE("base64url text has the length of RFC 4648") {
    struct Row {
        const char* what;
        std::size_t bytes;
        bool padded;
        std::size_t length;
    };
    for (const Row& row : std::vector<Row>{{"a token: 32 bytes, padded", 32, true, 44},
                                           {"32 bytes without padding", 32, false, 43},
                                           {"a multiple of three needs no padding", 24, true, 32},
                                           {"one byte, padded", 1, true, 4},
                                           {"one byte without padding", 1, false, 2},
                                           {"two bytes without padding", 2, false, 3}}) {
        DYNAMIC_SECTION(row.what) {
            const std::string text = randomBase64Url(row.bytes, row.padded);
            CHECK(text.size() == row.length);
            CHECK((text.find('=') != std::string::npos) == (row.padded && row.bytes % 3 != 0));
        }
    }
}

TEST_CASE("base64url text uses the letters that are safe in URLs, and all of them") {
    std::set<char> letters;
    for (int i = 0; i < 2000; ++i)
        for (const char c : randomBase64Url(33, false)) letters.insert(c);
    CHECK(letters.size() == 64);
    CHECK(letters.count('-') == 1);
    CHECK(letters.count('_') == 1);
    CHECK(letters.count('+') == 0);
    CHECK(letters.count('/') == 0);
}
