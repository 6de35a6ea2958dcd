#include "base/percent.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace gatehouse;

TEST_CASE("the characters of a URI are those of RFC 3986") {
    int unreserved = 0, reserved = 0;
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        unreserved += isUnreserved(c);
        reserved += isReserved(c);
        CHECK_FALSE((isUnreserved(c) && isReserved(c)));
    }
    CHECK(unreserved == 66);
    CHECK(reserved == 18);
}

TEST_CASE("bytes are encoded, and reserved ones on demand") {
    struct Row {
        std::string bytes;
        const char *all, *butReserved;
    };
    for (const Row& row : std::vector<Row>{{"", "", ""},
                                           {"aZ09-._~", "aZ09-._~", "aZ09-._~"},
                                           {"a/b?c", "a%2Fb%3Fc", "a/b?c"},
                                           {"50%", "50%25", "50%25"},
                                           {"%41", "%2541", "%41"},
                                           {"%4g", "%254g", "%254g"},
                                           {"\xE2\x82\xAC \"", "%E2%82%AC%20%22", "%E2%82%AC%20%22"},
                                           {std::string(1, '\0'), "%00", "%00"}}) {
        CHECK(percentEncoded(row.bytes) == row.all);
        CHECK(percentEncodedButReserved(row.bytes) == row.butReserved);
        CHECK(percentDecoded(row.all) == row.bytes);
    }
}

TEST_CASE("what begins like a triplet and is none does not decode") {
    for (const char* text : {"%", "%4", "a%", "%4g", "%g4", "%%41", "%-1", "% 1"}) CHECK_FALSE(percentDecoded(text));
    CHECK(percentDecoded("%2f%2F") == "//");
    CHECK(percentDecoded("a+b") == "a+b");
    CHECK(percentDecoded("%25%34%31") == "%41"); // once only
}
