#include "mcp/message/json_walk.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace gatehouse::mcp;

namespace {

// A text and what a parser made of it.
struct Parsed {
    explicit Parsed(const std::string& json) : text(json), root(parser.parse(text)) {}
    simdjson::dom::parser parser;
    const simdjson::padded_string text;
    const simdjson::dom::element root;
};

} // namespace

TEST_CASE("the text of each member is what stands there, however it is written") {
    const Parsed json(R"({ "a" : 1 , "b":{"c":[1,"}]"], "d" : {} },"":"x\"y" ,)"
                      "\r\n\t\"d\":null , \"\\u0065\" : -1.5e+10, \"f\":[ ] }");
    JsonWalk walk(json.text);
    std::vector<std::string> seen;
    const auto whole = walk.object(json.root.get_object(), [&](const auto& field) {
        seen.push_back(std::string(std::string_view(field.key)) + "=" + std::string(walk.value(field.value)));
    });
    CHECK(seen == std::vector<std::string>{"a=1", R"(b={"c":[1,"}]"], "d" : {} })", R"(="x\"y")", "d=null",
                                           "e=-1.5e+10", "f=[ ]"});
    CHECK(whole == std::string_view(json.text));
    CHECK_FALSE(walk.hasDuplicates());
}

TEST_CASE("a value is stepped over whole") {
    for (const char* text : {"[]", "[ ]", "[[],[{}]]", R"(["\\",  "\"", "]" ])", R"({"a":[{"b":"}"}]})", "\"text\"",
                             "-12.5E3", "true", "false", "null", "18446744073709551615"}) {
        const Parsed json(text);
        JsonWalk walk(json.text);
        CHECK(walk.value(json.root) == text);
    }
}

TEST_CASE("a string ends at its own quote, whatever is escaped in it") {
    const std::vector<std::string> pieces{"", "a", R"(\")", R"(\\)", R"(\n)", R"(\u0022)", "\u00e9"};
    for (std::size_t number = 0; number < 7 * 7 * 7 * 7 * 7; ++number) {
        std::string inside;
        for (std::size_t rest = number; rest > 0; rest /= pieces.size()) inside += pieces[rest % pieces.size()];
        const Parsed json("[\"" + inside + "\",{\"" + inside + "\":0}]");
        JsonWalk walk(json.text);
        if (walk.value(json.root) != std::string_view(json.text)) FAIL(std::string_view(json.text));
    }
}

TEST_CASE("a member that is there twice is noticed at any depth, decoded") {
    struct Row {
        std::string text;
        bool hasDuplicates;
    };
    std::string many = "{";
    for (int i = 0; i < 40; ++i) many += "\"name" + std::to_string(i) + "\":0,";
    for (const Row& row : std::initializer_list<Row>{{R"({"a":1,"b":2})", false},
                                                     {R"({"a":1,"a":2})", true},
                                                     {R"({"a":1,"\u0061":2})", true},
                                                     {R"({"a":1,"A":2})", false},
                                                     {R"({"a":{"b":1},"b":{"a":1}})", false},
                                                     {R"({"a":{"b":1,"c":2,"b":3}})", true},
                                                     {R"([[{"a":1}],[{"a":1,"a":1}]])", true},
                                                     {R"([{"a":1},{"a":1}])", false},
                                                     {R"({"":1,"":2})", true},
                                                     {many + "\"last\":0}", false},
                                                     {many + "\"name0\":0}", true},
                                                     {many + "\"name39\":0}", true},
                                                     {R"({"a":1,"a":2,)" + many.substr(1) + "\"last\":0}", true}}) {
        INFO(row.text);
        const Parsed json(row.text);
        JsonWalk walk(json.text);
        CHECK(walk.value(json.root) == row.text);
        CHECK(walk.hasDuplicates() == row.hasDuplicates);
    }
}
