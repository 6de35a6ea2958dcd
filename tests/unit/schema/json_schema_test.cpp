#include "schema/json_schema.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "support/checked_schema.hpp"

using namespace gatehouse::schema;

namespace {

const char* const weather = R"({"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
    "properties":{"city":{"type":"string","minLength":1},"days":{"type":"integer","minimum":1,"maximum":7},
                  "password":{"type":"string","pattern":"^[a-z]{8,}$"}},
    "required":["city"],"additionalProperties":false})";

std::string nested(std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += R"({"not":)";
    return text + "true" + std::string(depth, '}');
}

} // namespace

TEST_CASE("a tool's arguments are checked") {
    CHECK(verdictOf(weather, R"({"city":"Oslo","days":3})") == "valid");
    CHECK(verdictOf(weather, R"({"days":3})") == R"(: "city" is required)");
    CHECK(verdictOf(weather, R"({"city":"Oslo","days":9})") == "/days: it is more than 7");
    CHECK(verdictOf(weather, R"({"city":"Oslo","town":1})") == R"(/town: "town" is not allowed)");
    CHECK(violationOf(schemaOf(weather), R"({"city":""})")->schemaPath == "/properties/city/minLength");
}

TEST_CASE("no message has a value of the instance") {
    const std::string verdict = verdictOf(weather, R"({"city":"Oslo","password":"Hunter2Hunter2"})");
    CHECK(verdict.find("unter") == std::string::npos);
    for (const char* schema : {R"({"type":"null"})", R"({"const":1})", R"({"enum":[1]})", R"({"maxLength":1})",
                               R"({"pattern":"x"})", R"({"not":{}})", R"({"anyOf":[false]})", "false"})
        DYNAMIC_SECTION(schema) { CHECK(verdictOf(schema, R"("Hunter2")").find("unter") == std::string::npos); }
}

TEST_CASE("a schema beyond the limits is refused") {
    CHECK(faultOf(nested(63)).empty());
    CHECK(faultOf(nested(65)) == "the schema: it is nested too deeply");
    CHECK_FALSE(faultOf(nested(100'000)).empty());
    SchemaLimits limits;
    limits.subschemas = 3;
    CHECK(faultOf(R"({"allOf":[{},{},{}]})", {}, limits) == "the schema: it has more than 3 subschemas");
    limits.patternLength = 3;
    CHECK(faultOf(R"({"pattern":"aaaa"})", {}, limits) ==
          "/pattern: the pattern cannot be served: it is longer than 3 bytes");
}

TEST_CASE("other drafts are refused, and say what is spoken") {
    CHECK(faultOf(R"({"$schema":"http://json-schema.org/draft-07/schema#"})").substr(0, 62) ==
          "/$schema: draft-07 is not supported, only draft 2020-12 is (ht");
    CHECK(faultOf(R"({"$schema":5})") == "/$schema: expected a string");
}

TEST_CASE("a reference reaches known documents and nothing else") {
    const KnownSchemas known{{"https://example.com/a", gatehouse::Json::parse(R"({"$defs":{"b":{"type":"null"}}})")}};
    const JsonSchema schema = schemaOf(R"({"$ref":"https://example.com/a#/$defs/b"})", known);
    const auto violation = violationOf(schema, "1");
    REQUIRE(violation);
    CHECK(violation->schemaPath == "https://example.com/a#/$defs/b/type");
    CHECK(faultOf(R"({"$ref":"file:///etc/passwd"})") ==
          "/$ref: it leads to file:///etc/passwd, which is not known (nothing is fetched)");
}

TEST_CASE("format and content are notes") {
    CHECK(isValid(R"({"format":"ipv4","contentMediaType":"application/json","contentEncoding":"base64"})", R"("?")"));
}

TEST_CASE("a schema serves many threads at once") {
    const JsonSchema schema = schemaOf(weather);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&schema, &wrong] {
            for (int round = 0; round < 200; ++round) {
                if (violationOf(schema, R"({"city":"Oslo","password":"abcdefgh"})")) ++wrong;
                if (!violationOf(schema, R"({"city":"Oslo","password":"abcdefgH"})")) ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("a text is parsed and checked, and what is no JSON does not pass") {
    const auto judge = JsonSchema::compile(gatehouse::Json{{"type", "integer"}});
    CHECK_FALSE(judge.checkText("5"));
    CHECK(judge.checkText("\"5\"")->message == "expected integer, got string");
    CHECK(judge.checkText("{")->message == "not JSON");
}
