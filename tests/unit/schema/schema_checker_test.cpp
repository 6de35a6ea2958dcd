#include "schema/schema_checker.hpp"

#include <catch2/catch.hpp>

#include "support/checked_schema.hpp"

using namespace gatehouse::schema;

TEST_CASE("messages say what was wanted") {
    struct Row {
        const char* schema;
        const char* instance;
        const char* wanted;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"type":"integer"})", R"("a")", ": expected integer, got string"},
             {R"({"type":"integer"})", "1.5", ": expected integer, got number"},
             {R"({"type":["string","null"]})", "1", ": expected string or null, got integer"},
             {R"({"minimum":2})", "1", ": it is less than 2"},
             {R"({"maximum":2.5})", "3", ": it is more than 2.5"},
             {R"({"exclusiveMinimum":2})", "2", ": it is not more than 2"},
             {R"({"exclusiveMaximum":2})", "2", ": it is not less than 2"},
             {R"({"multipleOf":0.1})", "0.15", ": it is not a multiple of 0.1"},
             {R"({"minLength":2})", R"("a")", ": it has less than 2 characters"},
             {R"({"maxLength":1})", R"("ab")", ": it has more than 1 character"},
             {R"({"pattern":"^\\d+$"})", R"("secret")", R"(: it does not match "^\\d+$")"},
             {R"({"const":"x"})", R"("secret")", R"(: expected "x")"},
             {R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "1", ": expected string or null, got integer"},
             {R"({"anyOf":[{"minimum":3},{"minimum":4}]})", "1", ": it matches none of the 2 schemas in anyOf"},
             {R"({"oneOf":[{},{}]})", "1", ": it matches more than one of the 2 schemas in oneOf"},
             {R"({"oneOf":[false]})", "1", ": it matches none of the 1 schema in oneOf"},
             {R"({"not":{}})", "1", ": it matches the schema that it must not match"},
             {R"({"if":{"type":"string"},"then":{"minLength":1},"else":false})", R"("")",
              ": it has less than 1 character"},
             {"false", "1", ": no value is allowed"}}) {
        DYNAMIC_SECTION(row.schema) { CHECK(verdictOf(row.schema, row.instance) == row.wanted); }
    }
}

TEST_CASE("length is counted in code points") {
    CHECK(isValid(R"({"maxLength":2,"minLength":2})", "\"\xF0\x9F\x92\xA9\xC3\xA4\""));
}

TEST_CASE("a long enum finds its values") {
    const char* schema = R"({"enum":[1,"b",null,[1],{"a":1},6,7,8,9,10.0,true]})";
    for (const char* value : {"1.0", "\"b\"", "null", "[1]", "{\"a\":1.0}", "10", "true"})
        CHECK(isValid(schema, value));
    for (const char* value : {"2", "\"c\"", "[2]", "{}", "false"}) CHECK_FALSE(isValid(schema, value));
}

TEST_CASE("the bounds of a check are no way around it") {
    SchemaLimits limits;
    limits.steps = 20;
    limits.checkDepth = 10;
    const char* loops[] = {R"({"$ref":"#"})",
                           R"({"not":{"$ref":"#"}})",
                           R"({"anyOf":[{"$ref":"#"},true]})",
                           R"({"if":{"$ref":"#"},"else":true})",
                           R"({"$dynamicAnchor":"a","$dynamicRef":"#a"})",
                           R"({"oneOf":[{"$ref":"#"},true]})",
                           R"({"allOf":[{"$ref":"#/allOf/0"}]})"};
    for (const char* loop : loops) {
        DYNAMIC_SECTION(loop) {
            const auto violation = violationOf(schemaOf(loop, {}, limits), "1");
            REQUIRE(violation);
            CHECK(violation->message == "it is nested too deeply to be checked");
            CHECK(violationOf(schemaOf(loop), "1"));
        }
    }
    const auto violation =
        violationOf(schemaOf(R"({"items":{"not":false}})", {}, limits), "[1,1,1,1,1,1,1,1,1,1,1,1,1,1]");
    REQUIRE(violation);
    CHECK(violation->message == "it is too much work to be checked");
}

TEST_CASE("branches that multiply end at the bound") {
    std::string schema = R"({"$defs":{"20":{"type":"null"})";
    for (int i = 0; i < 20; ++i)
        schema += ",\"" + std::to_string(i) + R"(":{"anyOf":[{"$ref":"#/$defs/)" + std::to_string(i + 1) +
                  R"("},{"$ref":"#/$defs/)" + std::to_string(i + 1) + "\"}]}";
    const auto violation = violationOf(schemaOf(schema + R"(},"$ref":"#/$defs/0"})"), "1");
    REQUIRE(violation);
    CHECK(violation->message == "it is too much work to be checked");
}

TEST_CASE("what a failed branch looked at is not evaluated") {
    const char* schema = R"({"anyOf":[{"properties":{"a":true},"required":["b"]},{"properties":{"b":true}}],
        "unevaluatedProperties":false})";
    CHECK(isValid(schema, R"({"b":1,"a":1})"));
    CHECK(verdictOf(schema, R"({"a":1})") == "/a: \"a\" is not allowed");
    CHECK(verdictOf(R"({"prefixItems":[true],"contains":{"const":2},"unevaluatedItems":false})", "[1,3,2]") ==
          "/1: item 1 is not allowed");
}
