#include <catch2/catch.hpp>

#include "support/checked_schema.hpp"

TEST_CASE("messages about members and items say which") {
    struct Row {
        const char* schema;
        const char* instance;
        const char* wanted;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"required":["city"]})", "{}", R"(: "city" is required)"},
             {R"({"properties":{"a":{"items":{"type":"string"}}}})", R"({"a":["x",2]})",
              "/a/1: expected string, got integer"},
             {R"({"properties":{"a":true},"additionalProperties":false})", R"({"a":1,"b":2})",
              R"(/b: "b" is not allowed)"},
             {R"({"patternProperties":{"^x":{"type":"null"}}})", R"({"xy":1})", "/xy: expected null, got integer"},
             {R"({"propertyNames":{"maxLength":2}})", R"({"abc":1})",
              "/abc: the name of this member: it has more than 2 characters"},
             {R"({"propertyNames":{"enum":["a",{"b":1}]}})", R"({"abc":1})",
              R"(/abc: the name of this member: expected "a" or {"b":1})"},
             {R"({"minProperties":1})", "{}", ": it has less than 1 member"},
             {R"({"maxProperties":1})", R"({"a":1,"b":1})", ": it has more than 1 member"},
             {R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})", R"(: "b" is required beside "a")"},
             {R"({"dependentSchemas":{"a":{"maxProperties":1}}})", R"({"a":1,"b":1})", ": it has more than 1 member"},
             {R"({"minItems":2})", "[1]", ": it has less than 2 items"},
             {R"({"maxItems":0})", "[1]", ": it has more than 0 items"},
             {R"({"uniqueItems":true})", "[1,1.0]", ": two of its items are the same"},
             {R"({"contains":{"const":1}})", "[2]", ": less than 1 item of it match the schema in contains"},
             {R"({"contains":{"const":1},"maxContains":1})", "[1,1]",
              ": more than 1 item of it match the schema in contains"},
             {R"({"prefixItems":[{"type":"null"},{"type":"null"}]})", "[null,1]", "/1: expected null, got integer"},
             {R"({"unevaluatedProperties":false})", R"({"a":1})", R"(/a: "a" is not allowed)"}}) {
        DYNAMIC_SECTION(row.schema) { CHECK(verdictOf(row.schema, row.instance) == row.wanted); }
    }
}

TEST_CASE("items that only want a type are told apart as all others are") {
    const char* all = R"([null,true,1,-1,18446744073709551615,1.5,2.0,"x",[1],{"a":1}])";
    struct Row {
        const char* items;
        const char* wanted; // of the list above: the first item that is not one
    };
    for (const Row& row :
         std::initializer_list<Row>{{R"({"type":["null","boolean","number","string","array","object"]})", "valid"},
                                    {R"({"type":["null","boolean","integer","string","array","object"]})",
                                     "/5: expected string, integer, boolean, array, object or null, got number"},
                                    {R"({"type":["null","boolean","number","string","array"]})",
                                     "/9: expected string, number, boolean, array or null, got object"},
                                    {R"({"type":["null","boolean","number","string","object"]})",
                                     "/8: expected string, number, boolean, object or null, got array"},
                                    {R"({"type":"null"})", "/1: expected null, got boolean"},
                                    {R"({"type":["null","boolean"]})", "/2: expected boolean or null, got integer"},
                                    {"true", "valid"},
                                    {"false", "/0: item 0 is not allowed"}}) {
        DYNAMIC_SECTION(row.items) {
            CHECK(verdictOf(R"({"items":)" + std::string(row.items) + "}", all) == row.wanted);
        }
    }
    CHECK(verdictOf(R"({"items":{"type":"integer"}})", "[1,2.0,-3,1e2]") == "valid"); // 2.0 is an integer
    CHECK(verdictOf(R"({"prefixItems":[{"type":"string"}],"items":{"type":"integer"}})", R"(["a",1,2])") == "valid");
    CHECK(verdictOf(R"({"prefixItems":[{"type":"string"}],"items":{"type":"integer"}})", R"([1,1])") ==
          "/0: expected string, got integer");
    CHECK(verdictOf(R"({"items":{"type":"integer"},"unevaluatedItems":false})", "[1,2]") == "valid");
}

TEST_CASE("a schema of very many names") {
    std::string schema = R"({"required":[)", instance = "{";
    for (int i = 0; i < 500; ++i) {
        schema += (i > 0 ? ",\"n" : "\"n") + std::to_string(i) + "\"";
        instance += (i > 0 ? ",\"n" : "\"n") + std::to_string(i) + "\":" + std::to_string(i);
    }
    CHECK(isValid(schema + "]}", instance + "}"));
    CHECK_FALSE(isValid(schema + R"(,"other"]})", instance + "}"));
}

TEST_CASE("a schema of many names is work for each object") {
    std::string schema = R"({"items":{"dependentRequired":{"n":[])", instance = "[{}";
    for (int i = 0; i < 2000; ++i) schema += ",\"n" + std::to_string(i) + "\":[]";
    for (int i = 0; i < 5000; ++i) instance += ",{}";
    CHECK(verdictOf(schema + "}}}", "[{},{}]") == "valid");
    CHECK(verdictOf(schema + "}}}", instance + "]") == ": it is too much work to be checked");
}

TEST_CASE("a member that is there twice is checked twice") {
    CHECK_FALSE(isValid(R"({"properties":{"a":{"type":"null"}}})", R"({"a":1,"a":null})"));
    CHECK_FALSE(isValid(R"({"properties":{"a":{"type":"null"}}})", R"({"a":null,"a":1})"));
}
