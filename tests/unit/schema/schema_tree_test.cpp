#include "schema/schema_tree.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::schema;

TEST_CASE("names are found by length, then bytes") {
    ObjectRules rules;
    for (const char* name : {"", "a", "b", "aa", "ab"}) rules.names.push_back({name, noNode});
    CHECK(rules.find("") == 0);
    CHECK(rules.find("b") == 2);
    CHECK(rules.find("ab") == 4);
    CHECK(rules.find("c") == 5);
    CHECK(rules.find("aaa") == 5);
}

TEST_CASE("the place of a node is put together from its parents") {
    SchemaTree tree;
    tree.nodes.resize(3);
    tree.nodes[1].path = "http://x/y#";
    tree.nodes[2].path = "/properties/a";
    tree.nodes[2].parent = 1;
    CHECK(tree.placeOf(0) == "");
    CHECK(tree.placeOf(2) == "http://x/y#/properties/a");
}
