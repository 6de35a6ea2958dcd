#include <gatehouse/fields.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace fields_test {

struct Point {
    int x = 0;
    std::optional<double> y;
};
GATEHOUSE_FIELDS(Point, x, y)

struct All {
    bool flag = false;
    std::int64_t wide = 0;
    std::uint8_t small = 0;
    std::string text;
    Json any;
    std::vector<Point> points;
    std::map<std::string, std::string> labels;
};
GATEHOUSE_FIELDS(All, flag, wide, small, text, any, points, labels)

struct Sixteen {
    int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11, l = 12, m = 13, n = 14, o = 15,
        p = 16;
};
GATEHOUSE_FIELDS(Sixteen, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)

const Json whole = Json::parse(
    R"({"flag":true,"wide":-5,"small":255,"text":"t","any":[1,null],"points":[{"x":1},{"x":2,"y":0.5}],"labels":{"k":"v"}})");

std::string fault(const Json& json) {
    try {
        fromJson<All>(json);
    } catch (const FieldError& error) {
        return error.what();
    }
    return "";
}

Json with(const char* pointer, Json value) {
    Json out = whole;
    out[Json::json_pointer(pointer)] = std::move(value);
    return out;
}

} // namespace fields_test

using namespace fields_test;

TEST_CASE("a struct's schema says its types, what must be there, and that nothing else may be") {
    CHECK(schemaOf<Point>() ==
          Json::parse(R"({"type":"object","additionalProperties":false,"required":["x"],"properties":
        {"x":{"type":"integer","minimum":-2147483648,"maximum":2147483647},"y":{"type":"number"}}})"));
    const Json all = schemaOf<All>()["properties"];
    CHECK(all["flag"] == Json{{"type", "boolean"}});
    CHECK(all["wide"] == Json{{"type", "integer"}, {"minimum", -9007199254740991}, {"maximum", 9007199254740991}});
    CHECK(all["small"] == Json{{"type", "integer"}, {"minimum", 0}, {"maximum", 255}});
    CHECK(all["text"] == Json{{"type", "string"}});
    CHECK(all["any"] == Json::object());
    CHECK(all["points"] == Json{{"type", "array"}, {"items", schemaOf<Point>()}});
    CHECK(all["labels"] == Json{{"type", "object"}, {"additionalProperties", {{"type", "string"}}}});
    CHECK(schemaOf<Sixteen>()["properties"].size() == 16);
}

TEST_CASE("what was read is written the same") {
    const All all = fromJson<All>(whole);
    CHECK(all.flag);
    CHECK(all.wide == -5);
    CHECK(all.small == 255);
    CHECK_FALSE(all.points[0].y);
    CHECK(all.points[1].y == 0.5);
    CHECK(toJson(all) == whole);
    CHECK(toJson(fromJson<Sixteen>(toJson(Sixteen{})))["p"] == 16);
}

TEST_CASE("a float without a fraction is an integer, as in JSON Schema") {
    CHECK(fromJson<Point>({{"x", 3.0}}).x == 3);
    CHECK(fromJson<All>(with("/wide", 9007199254740991.0)).wide == 9007199254740991);
}

TEST_CASE("a value of another type is refused with the field, what it should be and what it is") {
    CHECK(fault(with("/flag", 1)) == "flag: expected true or false, got 1");
    CHECK(fault(with("/text", nullptr)) == "text: expected a string, got null");
    CHECK(fault(with("/small", 256)) == "small: expected an integer from 0 to 255, got 256");
    CHECK(fault(with("/small", -1)) == "small: expected an integer from 0 to 255, got -1");
    CHECK(fault(with("/small", 1.5)) == "small: expected an integer from 0 to 255, got 1.5");
    CHECK(fault(with("/wide", 1e300)) ==
          "wide: expected an integer from -9007199254740991 to 9007199254740991, got 1e+300");
    CHECK(fault(with("/wide", "5")) ==
          "wide: expected an integer from -9007199254740991 to 9007199254740991, got \"5\"");
    CHECK(fault(with("/points", Json::object())) == "points: expected an array, got {}");
    CHECK(fault(with("/points/1/y", "x")) == "points[1].y: expected a number, got \"x\"");
    CHECK(fault(with("/labels/k", 1)) == "labels.k: expected a string, got 1");
    CHECK(fault(with("/labels", 1)) == "labels: expected an object, got 1");
    CHECK(fault(Json::array()) == "expected an object, got []");
}

TEST_CASE("a required field that is not there is named, an optional one may be absent or null is not it") {
    Json without = whole;
    without["points"][0].erase("x");
    CHECK(fault(without) == "points[0].x: missing");
    CHECK(fault(with("/points/0/y", nullptr)) == "points[0].y: expected a number, got null");
}

TEST_CASE("an error shows no more than the begin of a long value") {
    CHECK(fault(with("/flag", std::string(5000, 'x'))).size() < 140);
}
