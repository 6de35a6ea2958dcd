#include "schema/node_register.hpp"

#include <catch2/catch.hpp>

#include "schema/pattern_translator.hpp"

using namespace gatehouse::schema;
using gatehouse::Json;

namespace {

struct Lab {
    Lab() : documents(root, known, {}), nodes(tree, documents) {}
    const Json root = Json::parse(R"({"items":{"type":"null"},"enum":[1,"a",{"b":[1.5,null]}]})");
    const KnownSchemas known;
    SchemaTree tree;
    SchemaDocuments documents;
    NodeRegister nodes;
};

} // namespace

TEST_CASE("a subschema has one number, and is given out once") {
    Lab lab;
    CHECK(lab.nodes.child(lab.root, 0, noNode, "") == 0);
    CHECK(lab.nodes.child(lab.root["items"], 0, 0, "/items") == 1);
    CHECK(lab.nodes.target(lab.documents.find("#/items", 0)) == 1);
    CHECK(lab.nodes.next()->schema == &lab.root);
    CHECK(lab.nodes.next()->node == 1);
    CHECK_FALSE(lab.nodes.next());
    CHECK(lab.tree.placeOf(1) == "/items");
}

TEST_CASE("subschemas and patterns are bounded") {
    Lab lab;
    lab.tree.limits.subschemas = 1;
    lab.tree.limits.patterns = 1;
    lab.tree.limits.patternLength = 3;
    lab.nodes.child(lab.root, 0, noNode, "");
    CHECK_THROWS_AS(lab.nodes.child(lab.root["items"], 0, 0, "/items"), SchemaError);
    const PatternPointer first = lab.nodes.pattern("a");
    CHECK(lab.nodes.pattern("a") == first);
    CHECK_THROWS_AS(lab.nodes.pattern("b"), PatternError);
    CHECK_THROWS_AS(lab.nodes.pattern("aaaa"), PatternError);
}

TEST_CASE("constants become instances") {
    Lab lab;
    const ConstantRange one = lab.nodes.constant(lab.root["items"]);
    const ConstantRange range = lab.nodes.constants(lab.root["enum"]);
    lab.nodes.fillConstants();
    REQUIRE(lab.tree.constants.size() == 4);
    CHECK(one.size() == 1);
    CHECK(lab.tree.constants[one.begin].value.is(objectType));
    CHECK(range.size() == 3);
    CHECK(lab.tree.constants[range.begin + 1].value.text == "a");
}

TEST_CASE("a constant that is not UTF-8 is refused") {
    Lab lab;
    const Json bad = "\xFF";
    lab.nodes.constant(bad);
    CHECK_THROWS_AS(lab.nodes.fillConstants(), SchemaError);
}

TEST_CASE("a dynamic name has one number") {
    Lab lab;
    CHECK(lab.nodes.dynamicName("a") == 0);
    CHECK(lab.nodes.dynamicName("b") == 1);
    CHECK(lab.nodes.dynamicName("a") == 0);
}
