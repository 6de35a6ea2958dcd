#include "schema/violation_text.hpp"

#include <catch2/catch.hpp>

#include "support/checked_schema.hpp"

using namespace gatehouse::schema;

TEST_CASE("types are named") {
    CHECK(namesOf(stringType | nullType) == "string or null");
    CHECK(namesOf(numberType | integerType | arrayType | objectType) == "number, array or object");
    CHECK(namesOf(integerType) == "integer");
    CHECK(nameOf(Instance("x")) == "string");
}

TEST_CASE("names are quoted as JSON, and cut") {
    CHECK(quotedText("a\"\\\n\x7f") == R"("a\"\\\u000a\u007f")");
    CHECK(quotedText(std::string(99, 'a') + "\xC3\xA4") == "\"" + std::string(99, 'a') + "...\"");
    CHECK(counted(1, "item", "items") == "1 item");
    CHECK(counted(0, "item", "items") == "0 items");
}

TEST_CASE("constants of the schema are listed") {
    CHECK(verdictOf(R"({"enum":["a",1,null]})", "2") == R"(: expected "a", 1 or null)");
    CHECK(verdictOf(R"({"const":{"a":[true]}})", "2") == R"(: expected {"a":[true]})");
    CHECK(verdictOf(R"({"enum":[]})", "2") == ": expected nothing");
    const std::string many = verdictOf(R"({"enum":[1,2,3,4,5,6,7,8,9,10,11,12]})", "99");
    CHECK(many.substr(many.size() - 12) == " or 2 others");
}

TEST_CASE("what must not be there is named") {
    const Where root;
    CHECK(notAllowed(root) == "no value is allowed");
    CHECK(notAllowed({&root, "a", 0, false}) == "\"a\" is not allowed");
    CHECK(notAllowed({&root, {}, 2, true}) == "item 2 is not allowed");
}
