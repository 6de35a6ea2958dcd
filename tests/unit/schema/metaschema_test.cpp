#include "schema/metaschema.hpp"

#include <catch2/catch.hpp>

#include "support/checked_schema.hpp"

using namespace gatehouse::schema;

TEST_CASE("the metaschema and its vocabularies are there, each under its own $id") {
    for (const char* name : {"schema", "meta/core", "meta/applicator", "meta/unevaluated", "meta/validation",
                             "meta/meta-data", "meta/format-annotation", "meta/content"}) {
        const std::string uri = std::string("https://json-schema.org/draft/2020-12/") + name;
        DYNAMIC_SECTION(uri) { CHECK(gatehouse::Json::parse(metaschemaText(uri))["$id"] == uri); }
    }
    CHECK(metaschemaText("https://json-schema.org/draft/2020-12/meta/other").empty());
    CHECK(metaschemaText("http://example.com/schema").empty());
}

TEST_CASE("the metaschema judges schemas, itself too") {
    const JsonSchema metaschema = schemaOf(R"({"$ref":"https://json-schema.org/draft/2020-12/schema"})");
    CHECK_FALSE(violationOf(metaschema, std::string(metaschemaText(metaschemaUri))));
    CHECK_FALSE(violationOf(metaschema, R"({"properties":{"a":{"type":"string"}}})"));
    const auto violation = violationOf(metaschema, R"({"properties":{"a":{"minLength":-1}}})");
    REQUIRE(violation);
    CHECK(violation->instancePath == "/properties/a/minLength");
    CHECK(violation->schemaPath ==
          "https://json-schema.org/draft/2020-12/meta/validation#/$defs/nonNegativeInteger/minimum");
}
