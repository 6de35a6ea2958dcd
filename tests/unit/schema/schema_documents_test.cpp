#include "schema/schema_documents.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::schema;
using gatehouse::Json;

namespace {

const char* const tree =
    R"({"$id":"http://x/root","$anchor":"top","properties":{"a":{"$id":"inner","$dynamicAnchor":"dyn",
    "items":{"type":"null"}}},"enum":[{"$id":"http://x/not"}],"other":{"b/c":[true]}})";

struct Lab {
    explicit Lab(const char* text, KnownSchemas others = {}, SchemaLimits limits = {})
        : root(Json::parse(text)), known(std::move(others)), documents(root, known, limits) {}
    std::string placeOf(const char* reference, ResourceId from = 0) {
        try {
            return documents.find(reference, from).place;
        } catch (const ReferenceError& error) {
            return std::string("fault: ") + error.what();
        }
    }
    const Json root;
    const KnownSchemas known;
    SchemaDocuments documents;
};

std::string faultOf(const char* text) {
    try {
        Lab lab(text);
        return "";
    } catch (const SchemaError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("references lead to resources, anchors and pointers") {
    Lab lab(tree);
    CHECK(lab.placeOf("#") == "");
    CHECK(lab.placeOf("#top") == "");
    CHECK(lab.placeOf("inner") == "/properties/a");
    CHECK(lab.placeOf("inner#dyn") == "/properties/a");
    CHECK(lab.placeOf("http://x/inner#/items") == "/properties/a/items");
    CHECK(lab.placeOf("#/properties/a/items") == "/properties/a/items");
    CHECK(lab.placeOf("#/other/b~1c/0") == "/other/b~1c/0");
    CHECK(lab.documents.find("inner#dyn", 0).dynamicAnchor == "dyn");
    CHECK(lab.documents.find("#top", 0).dynamicAnchor.empty());
    const ResourceId inner = lab.documents.find("inner", 0).resource;
    CHECK(lab.documents.find("#/properties/a/items", 0).resource == inner);
    CHECK(lab.placeOf("#/items", inner) == "/properties/a/items");
}

TEST_CASE("references that lead nowhere say so") {
    Lab lab(tree);
    for (const char* reference : {"#nothing", "#/properties/b", "#/other/b~1c/1", "#/other/b~1c/00", "#/a~2", "#%zz",
                                  "http://x/not", "http://example.com/schema.json", "inner#top"})
        DYNAMIC_SECTION(reference) { CHECK(lab.placeOf(reference).substr(0, 6) == "fault:"); }
    CHECK(lab.placeOf(std::string(5000, 'a').c_str()) == "fault: it is too long");
}

TEST_CASE("known documents are read when a reference leads to them") {
    Lab lab(R"({"$id":"http://x/root"})",
            {{"http://x/other", Json::parse(R"({"$id":"http://y/own","$defs":{"a":{}}})")},
             {"http://x/bad", Json::parse(R"({"$id":1})")}});
    CHECK(lab.documents.resourceCount() == 1);
    CHECK(lab.placeOf("other#/$defs/a") == "http://x/other#/$defs/a");
    CHECK(lab.placeOf("http://y/own") == "http://x/other#");
    CHECK_THROWS_AS(lab.documents.find("bad", 0), SchemaError);
    CHECK(lab.placeOf("https://json-schema.org/draft/2020-12/schema#meta") ==
          "https://json-schema.org/draft/2020-12/schema#");
}

TEST_CASE("faults in identifiers name their place") {
    CHECK(faultOf(R"({"$id":1})") == "/$id: expected a string");
    CHECK(faultOf(R"({"items":{"$id":"#a"}})") == "/items/$id: a fragment is not allowed; use $anchor");
    CHECK(faultOf(R"({"$anchor":"1"})") == "/$anchor: it is no name for an anchor");
    CHECK(faultOf(R"({"items":{"$anchor":"a"},"not":{"$anchor":"a"}})") ==
          "/not/$anchor: another schema has the anchor a as well");
    CHECK(faultOf(R"({"items":{"$id":"a"},"not":{"$id":"a","type":"null"}})") ==
          "/not: another schema has the $id a as well");
    CHECK(faultOf(R"({"not":{"$schema":"http://json-schema.org/draft-07/schema#"}})").substr(0, 37) ==
          "/not/$schema: draft-07 is not support");
    CHECK(faultOf(R"({"items":{"$id":"a"},"not":{"$id":"a"}})").empty());
}

TEST_CASE("a document that is nested too deeply is refused") {
    SchemaLimits limits;
    limits.depth = 3;
    CHECK_NOTHROW(Lab(R"({"not":{"not":{}}})", {}, limits));
    CHECK_THROWS_AS(Lab(R"({"const":[[[1]]]})", {}, limits), SchemaError);
}
