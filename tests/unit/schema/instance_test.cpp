#include "schema/instance.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::schema;

namespace {

unsigned typesOf(const char* json) {
    simdjson::dom::parser parser;
    return Instance(parser.parse(std::string(json)).value()).types;
}

} // namespace

TEST_CASE("an instance knows its types") {
    CHECK(typesOf("null") == nullType);
    CHECK(typesOf("true") == booleanType);
    CHECK(typesOf("1") == (integerType | numberType));
    CHECK(typesOf("-1") == (integerType | numberType));
    CHECK(typesOf("18446744073709551615") == (integerType | numberType));
    CHECK(typesOf("1.0") == (integerType | numberType));
    CHECK(typesOf("1.5") == numberType);
    CHECK(typesOf(R"("a")") == stringType);
    CHECK(typesOf("[]") == arrayType);
    CHECK(typesOf("{}") == objectType);
    CHECK(Instance("name").is(stringType));
}

TEST_CASE("the way to a value is a JSON Pointer") {
    const Where root;
    CHECK(pointerOf(root) == "");
    const Where member{&root, "a/b~c", 0, false};
    CHECK(pointerOf({&member, {}, 3, true}) == "/a~1b~0c/3");
    const std::string name(198, 'n');
    CHECK(pointerOf({&root, name + "\xC3\xA4\xC3\xA4", 0, false}) == "/" + name + "\xC3\xA4...");
    CHECK(pointerOf({&root, name + "n\xC3\xA4\xC3\xA4", 0, false}) == "/" + name + "n...");
}

TEST_CASE("a budget that is spent stays spent") {
    Budget budget(3);
    CHECK(budget.use(2));
    CHECK(budget.use());
    CHECK_FALSE(budget.isSpent());
    CHECK_FALSE(budget.use(2));
    CHECK(budget.isSpent());
    CHECK_FALSE(budget.use());
}
