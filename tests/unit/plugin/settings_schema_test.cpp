#include "plugin/settings_schema.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/settings.hpp>

using namespace gatehouse;

namespace {

const std::string declared = R"({"required": ["url"], "properties": {
  "url": {"type": "string", "description": "which service is asked"},
  "rows": {"type": "integer", "minimum": 1, "maximum": 10, "default": 5, "description": "of an answer"},
  "share": {"type": "number", "minimum": 0},
  "loud": {"type": "boolean", "default": false},
  "mode": {"enum": ["lazy", "strict"], "default": "lazy"},
  "names": {"type": ["string", "array"], "items": {"type": "string"}},
  "places": {"type": "array", "items": {"type": "object", "required": ["at"]}, "minItems": 1},
  "more": {"type": "object"},
  "key": {"type": ["string", "integer"], "writeOnly": true},
  "free": true}})";

// What the settings are refused with; empty: they are not.
std::string refusal(const std::string& given, const std::string& schema = declared) {
    try {
        SettingsSchema(schema).settled(Json::parse(given));
        return "";
    } catch (const SettingsError& fault) {
        return fault.what();
    }
}

std::string fault(const std::string& schema) {
    try {
        SettingsSchema{schema};
        return "";
    } catch (const std::runtime_error& why) {
        return why.what();
    }
}

} // namespace

TEST_CASE("settings get the defaults of the keys that are not there") {
    const Json settled = SettingsSchema(declared).settled({{"url", "x"}, {"rows", 7}, {"names", nullptr}});
    CHECK(settled == Json({{"url", "x"}, {"rows", 7}, {"loud", false}, {"mode", "lazy"}}));
    CHECK(SettingsSchema(R"({"properties": {}})").settled(nullptr) == Json::object());
}

TEST_CASE("a text is read as the number or the flag that is wanted") {
    const Json settled = SettingsSchema(declared).settled(
        {{"url", "5"}, {"rows", "7"}, {"share", "0.5"}, {"loud", "true"}, {"key", "12"}});
    CHECK(settled["url"] == "5");
    CHECK(settled["rows"] == 7);
    CHECK(settled["share"] == 0.5);
    CHECK(settled["loud"] == true);
    CHECK(settled["key"] == "12");
    CHECK(refusal(R"({"url":"x","rows":"seven"})") == "rows: expected a whole number from 1 to 10, got \"seven\"");
    CHECK(refusal(R"({"url":"x","rows":"\"7\""})") == "rows: expected a whole number from 1 to 10, got \"\\\"7\\\"\"");
}

TEST_CASE("what is wrong is told by its key, and what was wanted") {
    struct Row {
        const char* given;
        const char* words;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"rows":5})", "url: missing"},
             {R"({"url":5})", "url: expected a string, got 5"},
             {R"({"url":"x","rows":0})", "rows: expected a whole number from 1 to 10, got 0"},
             {R"({"url":"x","rows":1.5})", "rows: expected a whole number from 1 to 10, got 1.5"},
             {R"({"url":"x","share":-1})", "share: expected a number of at least 0, got -1"},
             {R"({"url":"x","loud":"yes"})", "loud: expected true or false, got \"yes\""},
             {R"({"url":"x","mode":"fast"})", "mode: expected one of lazy, strict, got \"fast\""},
             {R"({"url":"x","names":5})", "names: expected a list of strings, got 5"},
             {R"({"url":"x","names":["a",5]})", "names[1]: expected string, got integer"},
             {R"({"url":"x","places":"x"})", "places: expected a list of maps, got \"x\""},
             {R"({"url":"x","places":[{}]})", "places[0]: \"at\" is required"},
             {R"({"url":"x","more":[]})", "more: expected object, got array"},
             {R"({"url":"x","key":true})", "key: expected a string; put the secret in quotes"},
             {R"({"url":"x","row":5})", "row: unknown; did you mean \"rows\"?"},
             {R"({"url":"x","rows":0,"row":1})",
              "row: unknown; did you mean \"rows\"?\nrows: expected a whole number from 1 to 10, got 0"},
             {R"([])", "expected a map, got array"},
             {R"({"url":"x","free":[{}]})", ""}}) {
        DYNAMIC_SECTION(row.given) { CHECK(refusal(row.given) == row.words); }
    }
}

TEST_CASE("a whole number is given as one, however it is written") {
    const Json settled = SettingsSchema(declared).settled({{"url", "x"}, {"rows", 10.0}, {"share", 2.0}});
    CHECK(settled["rows"].is_number_integer());
    CHECK(settled["share"].is_number_float());
    CHECK(SettingsSchema(declared).settled({{"url", "x"}, {"rows", "1e1"}})["rows"].is_number_integer());
}

TEST_CASE("what is wrong within a key names its place") {
    const std::string deep =
        R"({"properties":{"a/b":{"type":"object","properties":{"c~d":{"items":{"type":"integer"}}}}}})";
    CHECK(refusal(R"({"a/b":{"c~d":[1,"x"]}})", deep) == "a/b.c~d[1]: expected integer, got string");
}

TEST_CASE("several keys are wrong in several lines, each once") {
    CHECK(refusal(R"({"rows":0,"share":-1,"mode":"x","names":[5,6]})") ==
          "url: missing\nmode: expected one of lazy, strict, got \"x\"\nnames[0]: expected string, got integer\n"
          "rows: expected a whole number from 1 to 10, got 0\nshare: expected a number of at least 0, got -1");
}

TEST_CASE("a secret is in no refusal") {
    CHECK(refusal(R"({"url":"x","key":{"a":"hunter2"}})").find("hunter2") == std::string::npos);
    CHECK(refusal(R"({"url":"x","key":0.4711})").find("4711") == std::string::npos);
    const std::string shared =
        R"({"$defs":{"secret":{"type":"string","writeOnly":true}},"properties":{"k":{"$ref":"#/$defs/secret"}}})";
    CHECK(refusal(R"({"k":4711})", shared) == "k: expected a string; put the secret in quotes");
}

TEST_CASE("a schema may leave keys open, and say what holds between them") {
    const std::string open = R"({"properties":{"a":{}},"additionalProperties":{"type":"string"}})";
    CHECK(refusal(R"({"b":"x"})", open).empty());
    CHECK(refusal(R"({"b":5})", open) == "b: expected string, got integer");
    CHECK(refusal(R"({"x1":5})", R"({"properties":{},"patternProperties":{"^x":{"type":"integer"}}})").empty());
    const std::string either = R"({"properties":{"a":{},"b":{}},"minProperties":1})";
    CHECK(refusal(R"({"a":1})", either).empty());
    CHECK_FALSE(refusal("{}", either).empty());
    const std::string shared = R"({"$defs":{"n":{"type":"integer"}},"properties":{"a":{"$ref":"#/$defs/n"}}})";
    CHECK(refusal(R"({"a":1})", shared).empty());
    CHECK(refusal(R"({"a":"x"})", shared) == "a: expected a whole number, got \"x\"");
    const std::string alike = R"({"properties":{"a":{"type":"integer"},"b":{"$ref":"#/properties/a"}}})";
    CHECK(refusal(R"({"b":"x"})", alike).find("b: ") == 0);
}

TEST_CASE("a declaration that cannot be served says why") {
    for (const char* none : {"", "5", "[]", "{}", "{\"properties\":5}", "nonsense"})
        CHECK(fault(none) == "is no JSON object with `properties`");
    CHECK(fault(R"({"properties":{"a":{"type":"text"}}})").find("type") != std::string::npos);
    CHECK(fault(R"({"properties":{"a":{"type":"integer","default":"x"}}})") ==
          "has a default of a that is not what it wants");
    CHECK_FALSE(fault(R"({"required":5,"properties":{}})").empty());
    CHECK(fault(R"({"properties":{"a":{"type":"integer","writeOnly":1,"default":"x"}}})").find("says of a") == 0);
    std::string many = "{\"properties\":{\"k\":{}";
    for (std::size_t i = 0; i < SettingsSchema::maxKeys; ++i) many += ",\"k" + std::to_string(i) + "\":{}";
    CHECK(fault(many + "}}") == "has more than 256 keys");
}

TEST_CASE("the keys are told to people") {
    const auto rows = SettingsSchema(declared).rows();
    REQUIRE(rows.size() == 10);
    const auto row = [&](const std::string& name) {
        for (const auto& each : rows)
            if (each.name == name) return each.wanted + (each.about.empty() ? "" : " | " + each.about);
        return std::string("absent");
    };
    CHECK(row("url") == "a string; required | which service is asked");
    CHECK(row("rows") == "a whole number from 1 to 10; default 5 | of an answer");
    CHECK(row("mode") == "one of lazy, strict; default \"lazy\"");
    CHECK(row("key") == "a string");
    CHECK(row("free") == "anything");
}
