#include "schema/keyword_reader.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::schema;
using gatehouse::Json;

namespace {

KeywordReader reader(const Json& schema) {
    return {schema, [] { return std::string("/place"); }};
}

template <typename Read>
std::string faultOf(const char* text, const Read& read) {
    const Json schema = Json::parse(text);
    try {
        read(reader(schema));
        return "";
    } catch (const SchemaError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("keywords are read in their shapes") {
    const Json schema = Json::parse(
        R"({"count":2.0,"large":1e300,"text":"t","flag":true,"names":["a","b"],"number":0.5,"type":["null","integer"]})");
    const KeywordReader read = reader(schema);
    CHECK(read.count("count", 7) == 2);
    CHECK(read.count("absent", 7) == 7);
    CHECK(read.count("large", 7) == std::size_t(-1));
    CHECK(*read.text("text") == "t");
    CHECK(read.text("absent") == nullptr);
    CHECK(read.flag("flag"));
    CHECK_FALSE(read.flag("absent"));
    CHECK(read.names("names") == std::vector<std::string>{"a", "b"});
    CHECK(read.names("absent").empty());
    CHECK(read.number("number")->text() == "0.5");
    CHECK(read.types() == (nullType | integerType));
}

TEST_CASE("another shape is refused, with its place") {
    CHECK(faultOf(R"({"a":"x"})", [](auto read) { read.count("a", 0); }) == "/place/a: expected a number");
    CHECK(faultOf(R"({"a":-1})", [](auto read) { read.count("a", 0); }) ==
          "/place/a: expected an integer that is not negative");
    CHECK_FALSE(faultOf(R"({"a":1.5})", [](auto read) { read.count("a", 0); }).empty());
    CHECK(faultOf(R"({"a":1})", [](auto read) { read.text("a"); }) == "/place/a: expected a string");
    CHECK(faultOf(R"({"a":1})", [](auto read) { read.flag("a"); }) == "/place/a: expected true or false");
    CHECK(faultOf(R"({"a":[1]})", [](auto read) { read.names("a"); }) == "/place/a: expected an array of names");
    CHECK_FALSE(faultOf(R"({"a":{}})", [](auto read) { read.names("a"); }).empty());
    CHECK(faultOf(R"({"a":[]})", [](auto read) { read.object("a"); }) == "/place/a: expected an object");
    CHECK(faultOf(R"({"a":[]})", [](auto read) { read.schemas("a"); }) == "/place/a: expected an array of schemas");
    for (const char* schema : {R"({"type":"float"})", R"({"type":1})", R"({"type":[]})", R"({"type":["null",1]})"})
        DYNAMIC_SECTION(schema) {
            CHECK_FALSE(faultOf(schema, [](auto read) { read.types(); }).empty());
        }
}
