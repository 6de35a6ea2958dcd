#include "mcp/feature/param_headers.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/parsed_text.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;

namespace {

using Fields = std::vector<http::Field>;

Json marked(const Json& type, const Json& name) { return {{"type", type}, {"x-mcp-header", name}}; }
Json with(const std::string& property, const Json& schema) {
    return {{"type", "object"}, {"properties", {{property, schema}}}};
}

// The complaint of the constructor; empty when there was none.
std::string refusal(const Json& schema) {
    try {
        const ParamHeaders headers(schema);
        return "";
    } catch (const std::runtime_error& why) {
        return why.what();
    }
}

// How a call with these headers fares: 0 is well, else the error's code.
int checked(const Json& schema, const Fields& fields, const std::string& arguments) {
    http::RequestHead head;
    head.fields = fields;
    const auto error = ParamHeaders(schema).check(head, *test::ParsedText(arguments));
    if (error) CHECK(error->httpStatus == 400);
    return error ? error->code : 0;
}

} // namespace

TEST_CASE("a schema that asks for no header, or for servable ones") {
    CHECK(ParamHeaders().empty());
    CHECK(ParamHeaders(with("a", {{"type", "string"}})).empty());
    CHECK(ParamHeaders(Json{{"type", "object"}}).empty());
    for (const char* type : {"string", "integer", "boolean"}) CHECK(refusal(with("a", marked(type, "Region"))).empty());
    for (const char* name : {"a", "Region-2", "!#$%&'*+-.^_`|~"})
        CHECK(refusal(with("a", marked("string", name))).empty());
    CHECK(refusal(with("x-mcp-header", {{"type", "string"}})).empty()); // a property of that name
    for (const char* word : {"default", "examples", "const", "enum"})
        CHECK(refusal(with("a", {{"type", "object"}, {word, {{{"x-mcp-header", "x"}}}}})).empty());
    CHECK_FALSE(ParamHeaders(with("deep", with("er", marked("string", "x")))).empty());
}

TEST_CASE("an x-mcp-header that cannot be served is refused") {
    struct Row {
        const char* what;
        Json schema;
        const char* complaint;
    };
    const Json one = marked("string", "Region");
    Json twice = with("a", one);
    twice["properties"]["b"] = marked("string", "rEGION");
    Json deep = one;
    for (std::size_t i = 0; i <= ParamHeaders::maxDepth; ++i) deep = with("p", deep);
    for (const Row& row : std::initializer_list<Row>{
             {"no token", with("a", marked("string", "two words")), "token"},
             {"a colon", with("a", marked("string", "a:b")), "token"},
             {"a line break", with("a", marked("string", "a\r\n")), "token"},
             {"a letter beyond ASCII", with("a", marked("string", "\xC3\xA4")), "token"},
             {"nothing", with("a", marked("string", "")), "token"},
             {"no text", with("a", marked("string", 5)), "token"},
             {"on a number", with("a", marked("number", "x")), "type string, integer or boolean"},
             {"on an object", with("a", marked("object", "x")), "type string, integer or boolean"},
             {"on more than one type", with("a", marked(Json::array({"string", "null"}), "x")), "type string"},
             {"on no type", with("a", {{"x-mcp-header", "x"}}), "type string"},
             {"there twice, in another case", twice, "is a duplicate"},
             {"in items", with("a", {{"type", "array"}, {"items", one}}), "through properties"},
             {"in oneOf", with("a", {{"oneOf", {one}}}), "through properties"},
             {"in a definition", {{"type", "object"}, {"$defs", {{"d", one}}}}, "through properties"},
             {"in then", {{"type", "object"}, {"then", with("a", one)}}, "through properties"},
             {"in additionalProperties", {{"type", "object"}, {"additionalProperties", one}}, "through properties"},
             {"on the root", {{"type", "object"}, {"x-mcp-header", "x"}}, "through properties"},
             {"deeper than anybody needs", deep, "through properties"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(refusal(row.schema).find(row.complaint) != std::string::npos); }
    }
}

TEST_CASE("a header repeats its argument") {
    struct Row {
        const char* what;
        const char* type;
        Fields fields;
        const char* arguments;
        bool well;
    };
    const std::string name = "Mcp-Param-Region";
    for (const Row& row : std::initializer_list<Row>{
             {"a text", "string", {{"mcp-param-region", "eu"}}, R"({"a":"eu"})", true},
             {"an escaped text", "string", {{"Mcp-Param-Region", "eu"}}, R"({"a":"\u0065u"})", true},
             {"another text", "string", {{"Mcp-Param-Region", "us"}}, R"({"a":"eu"})", false},
             {"another case", "string", {{"Mcp-Param-Region", "EU"}}, R"({"a":"eu"})", false},
             {"no header", "string", {}, R"({"a":"eu"})", false},
             {"two headers",
              "string",
              {{"Mcp-Param-Region", "eu"}, {"MCP-Param-Region", "eu"}},
              R"({"a":"eu"})",
              false},
             {"no argument", "string", {}, "{}", true},
             {"a null argument", "string", {}, R"({"a":null})", true},
             {"no argument, but a header", "string", {{"Mcp-Param-Region", "eu"}}, "{}", true},
             {"the text null", "string", {}, R"({"a":"null"})", false},
             {"an empty text", "string", {{"Mcp-Param-Region", ""}}, R"({"a":""})", true},
             {"base64", "string", {{"Mcp-Param-Region", "=?base64?w6Q=?="}}, R"({"a":"\u00e4"})", true},
             {"base64 of something else", "string", {{"Mcp-Param-Region", "=?base64?w6Q=?="}}, R"({"a":"a"})", false},
             {"broken base64", "string", {{"Mcp-Param-Region", "=?base64?w6Q?="}}, R"({"a":"\u00e4"})", false},
             {"base64 in other letters",
              "string",
              {{"Mcp-Param-Region", "=?BASE64?w6Q=?="}},
              R"({"a":"\u00e4"})",
              false},
             {"true", "boolean", {{"Mcp-Param-Region", "true"}}, R"({"a":true})", true},
             {"false for true", "boolean", {{"Mcp-Param-Region", "false"}}, R"({"a":true})", false},
             {"True", "boolean", {{"Mcp-Param-Region", "True"}}, R"({"a":true})", false},
             {"a header that nobody asked for",
              "string",
              {{"Mcp-Param-Region", "eu"}, {"Mcp-Param-Other", "x"}},
              R"({"a":"eu"})",
              true}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(checked(with("a", marked(row.type, "Region")), row.fields, row.arguments) == (row.well ? 0 : -32020));
        }
    }
}

TEST_CASE("integers are compared as numbers, texts of digits are not") {
    struct Row {
        const char* type;
        const char *header, *argument;
        bool well;
    };
    for (const Row& row : std::initializer_list<Row>{{"integer", "42", "42", true},
                                                     {"integer", "042", "42", true},
                                                     {"integer", "-7", "-7", true},
                                                     {"integer", "42", "42.0", true},
                                                     {"integer", "42.0", "42", true},
                                                     {"integer", "100", "1e2", true},
                                                     {"integer", "43", "42", false},
                                                     {"integer", "42.5", "42", false},
                                                     {"integer", "42x", "42", false},
                                                     {"integer", "", "42", false},
                                                     {"integer", "9007199254740993", "9007199254740992", false},
                                                     {"integer", "18446744073709551615", "18446744073709551615", true},
                                                     {"integer", "18446744073709551614", "18446744073709551615", false},
                                                     {"integer", "-1", "18446744073709551615", false},
                                                     {"integer", "4.5", "42.5", false},
                                                     {"integer", "9007199254740993", "9007199254740992.0", false},
                                                     {"integer", "9007199254740992", "9007199254740992.0", true},
                                                     {"integer", "43", "42.0", false},
                                                     {"string", "042", R"("42")", false},
                                                     {"string", "42.0", R"("42")", false}}) {
        DYNAMIC_SECTION(row.header << " for " << row.argument << ", a " << row.type) {
            const int code = checked(with("a", marked(row.type, "N")), {{"Mcp-Param-N", row.header}},
                                     R"({"a":)" + std::string(row.argument) + "}");
            CHECK(code == (row.well ? 0 : -32020));
        }
    }
}

TEST_CASE("an argument within arguments is reached by its path") {
    const Json schema = with("where", with("region", marked("string", "Region")));
    CHECK(checked(schema, {{"Mcp-Param-Region", "eu"}}, R"({"region":"us","where":{"x":1,"region":"eu"}})") == 0);
    CHECK(checked(schema, {{"Mcp-Param-Region", "us"}}, R"({"where":{"region":"eu"}})") == -32020);
    for (const char* absent : {"{}", R"({"where":{}})", R"({"where":null})", R"({"where":5})", R"({"region":"eu"})"})
        CHECK(checked(schema, {}, absent) == 0);
}

TEST_CASE("of several headers each is checked") {
    Json schema = with("a", marked("string", "A"));
    schema["properties"]["b"] = marked("integer", "B");
    const std::string arguments = R"({"a":"x","b":1})";
    CHECK(checked(schema, {{"Mcp-Param-A", "x"}, {"Mcp-Param-B", "1"}}, arguments) == 0);
    CHECK(checked(schema, {{"Mcp-Param-A", "x"}}, arguments) == -32020);
    CHECK(checked(schema, {{"Mcp-Param-A", "x"}, {"Mcp-Param-B", "2"}}, arguments) == -32020);
}
