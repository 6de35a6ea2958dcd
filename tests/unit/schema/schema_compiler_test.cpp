#include "schema/schema_compiler.hpp"

#include <catch2/catch.hpp>

#include "support/checked_schema.hpp"

using namespace gatehouse::schema;
using gatehouse::Json;

TEST_CASE("a subschema that is met twice is one node") {
    const Json schema =
        Json::parse(R"({"$defs":{"a":{"$ref":"#"}},"items":{"$ref":"#/$defs/a"},"not":{"$ref":"#/$defs/a"}})");
    const auto tree = compileSchema(schema, {}, {});
    CHECK(tree->nodes.size() == 4);
    CHECK(tree->dynamicAnchors.empty());
}

TEST_CASE("a long chain of references is no recursion") {
    Json schema = {{"$defs", Json::object()}, {"$ref", "#/$defs/0"}};
    for (int i = 0; i < 9000; ++i) schema["$defs"][std::to_string(i)] = {{"$ref", "#/$defs/" + std::to_string(i + 1)}};
    schema["$defs"]["9000"] = true;
    CHECK(compileSchema(schema, {}, {})->nodes.size() == 9002);
    schema["$defs"]["x"]["allOf"] = Json::array();
    for (int i = 0; i < 1000; ++i) schema["$defs"]["x"]["allOf"].push_back(true);
    CHECK_THROWS_AS(compileSchema(schema, {}, {}), SchemaError);
}

TEST_CASE("dynamic anchors of every resource get their nodes") {
    const Json schema = Json::parse(R"({"$id":"http://x/a","$ref":"b","$defs":{"o":{"$dynamicAnchor":"d","type":"null"},
        "b":{"$id":"b","$dynamicRef":"#d","$defs":{"o":{"$dynamicAnchor":"d"}}}}})");
    const auto tree = compileSchema(schema, {}, {});
    REQUIRE(tree->dynamicAnchors.size() == 1);
    CHECK(tree->dynamicAnchors[0].size() == 2);
    CHECK(tree->placeOf(tree->dynamicAnchors[0][0]) == "/$defs/o");
}
