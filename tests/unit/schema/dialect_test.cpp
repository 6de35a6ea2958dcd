#include "schema/dialect.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::schema;
using gatehouse::Json;

namespace {

std::string faultOf(const std::string& uri, const KnownSchemas& known = {}) {
    try {
        vocabulariesOf(uri, known);
        return "";
    } catch (const DialectError& error) {
        return error.what();
    }
}

KnownSchemas withVocabulary(const char* name, bool isNeeded) {
    return {{"http://x/meta", Json{{"$vocabulary", {{name, isNeeded}}}}}};
}

} // namespace

TEST_CASE("2020-12 is spoken, other drafts are refused by name") {
    CHECK(vocabulariesOf("https://json-schema.org/draft/2020-12/schema", {}).validation);
    CHECK(vocabulariesOf("https://json-schema.org/draft/2020-12/schema#", {}).unevaluated);
    const std::string rest =
        " is not supported, only draft 2020-12 is (https://json-schema.org/draft/2020-12/schema), "
        "or a known metaschema made of its vocabularies";
    CHECK(faultOf("http://json-schema.org/draft-07/schema#") == "draft-07" + rest);
    CHECK(faultOf("https://json-schema.org/draft/2019-09/schema") == "draft 2019-09" + rest);
    CHECK(faultOf("http://x/meta") == "http://x/meta" + rest);
}

TEST_CASE("a known metaschema decides by its vocabularies") {
    const std::string folder = "https://json-schema.org/draft/2020-12/vocab/";
    const auto few = vocabulariesOf("http://x/meta", withVocabulary((folder + "applicator").c_str(), true));
    CHECK(few.applicator);
    CHECK_FALSE(few.validation);
    CHECK_FALSE(few.unevaluated);
    CHECK(faultOf("http://x/meta", withVocabulary("http://x/own", false)).empty());
    CHECK_FALSE(faultOf("http://x/meta", withVocabulary("http://x/own", true)).empty());
    CHECK_FALSE(faultOf("http://x/meta", withVocabulary((folder + "format-assertion").c_str(), true)).empty());
    CHECK(vocabulariesOf("http://x/meta", {{"http://x/meta", Json::object()}}).validation);
    CHECK_FALSE(faultOf("http://x/meta", {{"http://x/meta", Json(true)}}).empty());
    CHECK_FALSE(faultOf("http://x/meta", {{"http://x/meta", Json{{"$vocabulary", 1}}}}).empty());
}

TEST_CASE("keywords hold schemas in four ways") {
    CHECK(holdingOf("items") == Holds::schema);
    CHECK(holdingOf("allOf") == Holds::list);
    CHECK(holdingOf("properties") == Holds::members);
    CHECK(holdingOf("enum") == Holds::nothing);
}
