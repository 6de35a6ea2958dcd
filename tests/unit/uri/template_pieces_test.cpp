#include "uri/template_pieces.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace gatehouse;

TEST_CASE("what no URI can be read by in one way is refused") {
    struct Row {
        const char *text, *why;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"x://{a}{b}", "a and b touch: no URI tells where the first ends"},
                                    {"x://{+a}{b}", "a and b touch: no URI tells where the first ends"},
                                    {"x://{a}{+b}", "a and b touch: no URI tells where the first ends"},
                                    {"x://{/a*}{b}", "a and b touch: no URI tells where the first ends"},
                                    {"x://{a*,b*}", "two lists in one expression: no URI tells where the first ends"},
                                    {"x://{?q}{x}", "what follows {?q...} must begin with one of #"},
                                    {"x://{?q}/x", "what follows {?q...} must begin with one of #"},
                                    {"x://{?q}{?r}", "what follows {?q...} must begin with one of #"},
                                    {"x://{?q}{;r}", "what follows {?q...} must begin with one of #"},
                                    {"x://{;p}{;q}", "what follows {;p...} must begin with one of /?#"},
                                    {"x://{;p}{&q}", "what follows {;p...} must begin with one of /?#"},
                                    {"x://{;p}.txt", "what follows {;p...} must begin with one of /?#"},
                                    {"x://{a}/{a}", "the variable a is a duplicate"},
                                    {"x://{a}{?a}", "the variable a is a duplicate"},
                                    {"x://{?a,a}", "the variable a is a duplicate"}}) {
        DYNAMIC_SECTION(row.text) {
            CHECK_THROWS_WITH(templatePieces(row.text), std::string("URI template \"") + row.text + "\": " + row.why);
        }
    }
}

TEST_CASE("what can be read in one way is taken") {
    for (const char* text :
         {"", "x://y", "{a}", "{a}-{b}", "{a,b}", "{a}{/b}", "{a}{.b}", "{a}{?b}", "{a}{;b}", "{a}{#b}", "{/a}{/b*}",
          "{;a}{/b}", "{;a}{?b}", "{;a}?b=1{&c}", "{?a}{&b}{&c}", "{?a}{#b}", "{&a}#x", "{a,b*}", "{a*,b}"})
        CHECK_NOTHROW(templatePieces(text));
}

TEST_CASE("parameters that go on are one piece, and a value stops before what follows") {
    const auto pieces = templatePieces("{+a}{?b}{&c}{#d}");
    REQUIRE(pieces.size() == 4);
    CHECK(pieces[0].forbidden == "?#");
    CHECK(pieces[1].variables.size() == 2);
    CHECK(pieces[2].literal == "#");
    CHECK(pieces[3].forbidden.empty());
}
