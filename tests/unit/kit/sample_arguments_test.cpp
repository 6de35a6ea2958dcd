// Arguments made from a schema.
#include "kit/sample_arguments.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::kit;

TEST_CASE("the least that a schema wants, and its own words before that") {
    for (const auto& [schema, sample] : std::initializer_list<std::pair<const char*, const char*>>{
             {R"({"type":"object"})", "{}"},
             {R"({"type":"object","properties":{"a":{"type":"integer"},"b":{}},"required":["a"]})", R"({"a":0})"},
             {R"({"type":"object","required":["x"]})", R"({"x":"a"})"},
             {R"({"type":"string","minLength":3})", R"("aaa")"},
             {R"({"type":"integer","minimum":2.5})", "3"},
             {R"({"type":"number","exclusiveMinimum":2})", "3.0"},
             {R"({"type":"integer","maximum":-4})", "-4"},
             {R"({"type":"integer","minimum":3,"multipleOf":5})", "5"},
             {R"({"type":"array","minItems":2,"items":{"type":"boolean"}})", "[false,false]"},
             {R"({"enum":["x","y"]})", R"("x")"},
             {R"({"const":7})", "7"},
             {R"({"type":"string","default":"d"})", R"("d")"},
             {R"({"type":"string","examples":["e"]})", R"("e")"},
             {R"({"type":["null","string"]})", "null"},
             {R"({"anyOf":[{"type":"integer"},{"type":"string"}]})", "0"},
             {R"({"$ref":"#/$defs/n","$defs":{"n":{"type":"integer","minimum":9}}})", "9"}}) {
        DYNAMIC_SECTION(schema) {
            const auto made = sampleFor(Json::parse(schema));
            REQUIRE(made.has_value());
            CHECK(*made == Json::parse(sample));
        }
    }
}

TEST_CASE("what cannot be made from the schema alone is not made up") {
    for (
        const char* schema :
        {R"({"type":"string","pattern":"^\\d{4}-\\d{2}$"})", R"({"type":"object","minProperties":1})", R"({"not":{}})",
         R"({"type":"array","minItems":100})",
         R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"object","properties":{"b":{"$ref":"#/$defs/a"}},"required":["b"]}}})"})
        CHECK(sampleFor(Json::parse(schema)) == std::nullopt);
}
