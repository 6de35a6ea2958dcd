#include <gatehouse/ascii.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("names are compared without case, in ASCII only") {
    struct Row {
        const char* what;
        const char *a, *b;
        bool same;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"the same text", "Host", "Host", true},
                                    {"another case", "hOsT", "HoSt", true},
                                    {"a longer text is another", "Host", "Hosts", false},
                                    {"letters only: @ and ` are no pair", "a@", "a`", false},
                                    {"bytes beyond ASCII are left alone", "\xC3\x84", "\xC3\xA4", false},
                                    {"nothing equals nothing", "", "", true}}) {
        DYNAMIC_SECTION(row.what) { CHECK(equalsIgnoringCase(row.a, row.b) == row.same); }
    }
}

TEST_CASE("letters and digits are those of ASCII, and case is theirs alone") {
    for (int c = 0; c < 256; ++c) {
        const char one = static_cast<char>(c);
        const bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
        CHECK(isLetter(one) == (upper || lower));
        CHECK(isAlphanumeric(one) == (upper || lower || (c >= '0' && c <= '9')));
        CHECK(lowered(one) == (upper ? static_cast<char>(c + 32) : one));
        CHECK(raised(one) == (lower ? static_cast<char>(c - 32) : one));
    }
    CHECK(lowered("X-Ä Z") == "x-Ä z");
}
