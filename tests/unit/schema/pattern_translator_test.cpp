#include "schema/pattern_translator.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::schema;

namespace {

std::string faultIn(const char* pattern) {
    try {
        toRe2(pattern);
        return "";
    } catch (const PatternError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("what RE2 reads otherwise is rewritten") {
    CHECK(toRe2("^a$") == R"(\Aa\z)");
    CHECK(toRe2("(a)(?<n>b)(?:c)") == "(?:a)(?:b)(?:c)");
    CHECK(toRe2("[]") == R"([^\x{0}-\x{10ffff}])");
    CHECK(toRe2("[^]") == R"([\x{0}-\x{10ffff}])");
    CHECK(toRe2("a{2,3}b{x") == R"(a{2,3}b\x{00007b}x)");
    CHECK(toRe2(R"(\p{Letter}\P{L}\p{Script=Greek}\p{gc=Nd})") == R"(\p{L}\P{L}\p{Greek}\p{Nd})");
    CHECK(toRe2(R"([\b\-[])") == R"([\x{000008}\x{00002d}\x{00005b}])");
    CHECK(toRe2(R"(\uD83D\uDC32\u{41}\x41\cA)") == R"(\x{01f432}\x{000041}\x{000041}\x{000001})");
}

TEST_CASE("what cannot be served is said") {
    CHECK(faultIn("a(?=b)") == "look-ahead is not supported");
    CHECK(faultIn("a(?!b)") == "look-ahead is not supported");
    CHECK(faultIn("(?<=a)b") == "look-behind is not supported");
    CHECK(faultIn(R"((a)\1)") == "back references are not supported");
    CHECK(faultIn(R"(\k<a>)") == "back references are not supported");
    CHECK(faultIn(R"(\Z)") == "\\Z means nothing");
    CHECK(faultIn(R"(\a)") == "\\a means nothing");
    CHECK(faultIn("(?i)a") == "an unknown kind of group after (?");
    CHECK(faultIn(R"(\ud800)") == "half of a surrogate pair is no character");
    for (const char* pattern : {"\\", "[a", "\\u12", "\\u{110000}", "\\u{", "\\xg0", "\\c1", "\\p", "\\p{L", "(?<n"})
        DYNAMIC_SECTION(pattern) { CHECK_FALSE(faultIn(pattern).empty()); }
}
