#include "schema/schema_pattern.hpp"

#include <catch2/catch.hpp>

#include "schema/pattern_translator.hpp"

using namespace gatehouse::schema;

namespace {

bool found(const char* pattern, std::string_view text) {
    Budget budget(1'000'000);
    return SchemaPattern(pattern, 8u << 20).matches(text, budget);
}

} // namespace

TEST_CASE("a pattern matches as ECMA-262 says") {
    CHECK(found("b", "abc"));
    CHECK_FALSE(found("^b", "abc"));
    CHECK_FALSE(found("^abc$", "abc\n"));
    CHECK_FALSE(found("a$", "a\nb"));
    CHECK_FALSE(found("^\\d$", "\xDF\x80")); // NKO DIGIT ZERO
    CHECK(found("^\\w$", "_"));
    CHECK_FALSE(found("^\\w$", "\xC3\xA9")); // e with acute
    CHECK(found("^\\s$", "\xC2\xA0"));       // no-break space
    CHECK(found("^\\s$", "\v"));
    CHECK(found("^[\\s]$", "\xEF\xBB\xBF"));   // byte order mark
    CHECK_FALSE(found("^[\\s]$", "\xC2\x85")); // next line
    CHECK(found("^\\S$", "x"));
    CHECK_FALSE(found("^[\\S]$", "\xE2\x80\xA9")); // paragraph separator
    CHECK(found("^.$", "\xF0\x9F\x90\xB2"));
    CHECK_FALSE(found("^.$", "\r"));
    CHECK_FALSE(found("^.$", "\xE2\x80\xA8"));
    CHECK(found("^[^a]$", "\n"));
    CHECK(found("^\\cJ$", "\n"));
    CHECK(found("^[^]$", "\n"));
    CHECK_FALSE(found("[]", "a"));
    CHECK(found("^\\p{Letter}+$", "\xC3\xA9t\xC3\xA9"));
    CHECK(found("^[\\w.-]+@x\\.y$", "a-b.c@x.y"));
    CHECK(found("^\xF0\x9F\x90\xB2*$", "\xF0\x9F\x90\xB2\xF0\x9F\x90\xB2"));
    CHECK(found("^\\$[.*+?^]\\/$", "$*/"));
    CHECK(found("^\\p{ASCII}\\P{ASCII}$", "a\xC3\xA9"));
}

TEST_CASE("what is no pattern, or too large a one, is refused") {
    for (const char* pattern :
         {"a**", "(a", "a)", "*", "[z-a]", "a{1001}", "((a{100}){100}){100}", "\\p{Nothing}", "\xFF"})
        DYNAMIC_SECTION(pattern) { CHECK_THROWS_AS(SchemaPattern(pattern, 8u << 20), PatternError); }
    CHECK_THROWS_AS(SchemaPattern("(\\p{L}{900}|\\p{N}{900}){1}", 1u << 20), PatternError);
}

TEST_CASE("no pattern is slow, and a long text costs steps") {
    const SchemaPattern evil("^(a+)+$|(a|aa)*c|(x+x+)+y", 8u << 20);
    const std::string text = std::string(50'000, 'a') + "b";
    Budget budget(1'000'000);
    CHECK_FALSE(evil.matches(text, budget));
    CHECK_FALSE(budget.isSpent());
    Budget small(10);
    CHECK_FALSE(evil.matches(text, small));
    CHECK(small.isSpent());
}
