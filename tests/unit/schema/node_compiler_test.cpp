#include "schema/node_compiler.hpp"

#include <catch2/catch.hpp>

#include "support/checked_schema.hpp"

TEST_CASE("a keyword of the wrong shape is named by its place") {
    struct Row {
        const char* schema;
        const char* wanted;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"1", "the schema: expected a schema, which is an object or a boolean"},
             {R"({"properties":{"a/b":5}})", "/properties/a~1b: expected a schema, which is an object or a boolean"},
             {R"({"properties":[]})", "/properties: expected an object"},
             {R"({"$defs":{"x":{"minLength":"3"}}})", "/$defs/x/minLength: expected a number"},
             {R"({"items":[{}]})", "/items: expected one schema; a list of schemas is prefixItems in draft 2020-12"},
             {R"({"allOf":[]})", "/allOf: expected an array of schemas"},
             {R"({"anyOf":[{},{"not":null}]})", "/anyOf/1/not: expected a schema, which is an object or a boolean"},
             {R"({"enum":"a"})", "/enum: expected an array"},
             {R"({"multipleOf":0})", "/multipleOf: expected a number above zero"},
             {R"({"multipleOf":-2})", "/multipleOf: expected a number above zero"},
             {R"({"required":"a"})", "/required: expected an array of names"},
             {R"({"dependentRequired":{"a":1}})", "/dependentRequired: expected an array of names"},
             {R"({"uniqueItems":1})", "/uniqueItems: expected true or false"},
             {R"({"pattern":"(?=a)x"})", "/pattern: the pattern cannot be served: look-ahead is not supported"},
             {R"({"patternProperties":{"(":{}}})", "/patternProperties: the pattern cannot be served: missing ): (?:"},
             {R"({"$ref":"http://example.com/s"})",
              "/$ref: it leads to http://example.com/s, which is not known (nothing is fetched)"},
             {R"({"$ref":7})", "/$ref: expected a string"},
             {R"({"$dynamicRef":"#a"})", "/$dynamicRef: it leads nowhere: there is no anchor a"}}) {
        DYNAMIC_SECTION(row.schema) { CHECK(faultOf(row.schema) == row.wanted); }
    }
}

TEST_CASE("what a vocabulary does not have is not read") {
    const gatehouse::schema::KnownSchemas known{
        {"http://x/m",
         gatehouse::Json::parse(R"({"$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true}})")}};
    const auto schema = schemaOf(R"({"$schema":"http://x/m","type":"null","properties":{"a":false},"not":{}})", known);
    CHECK_FALSE(violationOf(schema, R"({"a":1})"));
}

TEST_CASE("a pattern that both keywords have is one") {
    gatehouse::schema::SchemaLimits limits;
    limits.patterns = 1;
    CHECK(faultOf(R"({"pattern":"^a","patternProperties":{"^a":{}}})", {}, limits).empty());
    CHECK(faultOf(R"({"pattern":"^a","patternProperties":{"^b":{}}})", {}, limits) ==
          "/patternProperties: the pattern cannot be served: there are more than 1 patterns");
}
