#include "uri/template_syntax.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

std::string told(const std::vector<TemplatePart>& parts) {
    std::string out;
    for (const TemplatePart& part : parts) {
        out += part.variables.empty() ? part.literal : std::string("<") + (part.op ? part.op : '_');
        for (const TemplateVariable& variable : part.variables)
            out += " " + variable.name + (variable.exploded ? "*" : "") +
                   (variable.prefix ? ":" + std::to_string(variable.prefix) : "");
        out += part.variables.empty() ? "|" : ">";
    }
    return out;
}

} // namespace

TEST_CASE("a template is read into literals and expressions") {
    struct Row {
        const char *text, *parts;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"", ""},
             {"file:///a.txt", "file:///a.txt|"},
             {"test://template/{id}/data", "test://template/|<_ id>/data|"},
             {"{+path}{#frag}{.ext}{/seg}{;p}{?q}{&r}", "<+ path><# frag><. ext></ seg><; p><? q><& r>"},
             {"{a,b_2,c.d,%C3%A4}", "<_ a b_2 c.d %C3%A4>"},
             {"{id:3,list*,x:9999}", "<_ id:3 list* x:9999>"},
             {"caf\xC3\xA9/%41'", "caf%C3%A9/%41'|"}}) {
        DYNAMIC_SECTION("\"" << row.text << "\"") { CHECK(told(templateParts(row.text)) == row.parts); }
    }
}

TEST_CASE("what is no template is refused by name") {
    struct Row {
        const char *text, *why;
    };
    for (const Row& row : std::initializer_list<Row>{{"{", "{ without }"},
                                                     {"a{b", "{ without }"},
                                                     {"a}", "a character that no URI may hold, outside of { }"},
                                                     {"a b", "a character that no URI may hold, outside of { }"},
                                                     {"a\nb", "a character that no URI may hold, outside of { }"},
                                                     {"a%4g", "% without two hexadecimal digits"},
                                                     {"{}", "a variable name is missing or ends in a dot"},
                                                     {"{+}", "a variable name is missing or ends in a dot"},
                                                     {"{a,}", "a variable name is missing or ends in a dot"},
                                                     {"{a.}", "a variable name is missing or ends in a dot"},
                                                     {"{.a..b}", "a variable name is malformed"},
                                                     {"{a-b}", "a variable name is malformed"},
                                                     {"{a b}", "a variable name is malformed"},
                                                     {"{{a}}", "a variable name is malformed"},
                                                     {"{a%4}", "a variable name is malformed"},
                                                     {"{a:3*}", "a variable name is malformed"},
                                                     {"{=a}", "the operator = has no meaning yet"},
                                                     {"{|a}", "the operator | has no meaning yet"},
                                                     {"{a:}", "a prefix is a number from 1 to 9999"},
                                                     {"{a:0}", "a prefix is a number from 1 to 9999"},
                                                     {"{a:-1}", "a prefix is a number from 1 to 9999"},
                                                     {"{a:10000}", "a prefix is a number from 1 to 9999"},
                                                     {"{a*:3}", "a variable name is malformed"},
                                                     {"\xFF", "not UTF-8"}}) {
        DYNAMIC_SECTION("\"" << row.text << "\"") {
            CHECK_THROWS_WITH(templateParts(row.text), std::string("URI template \"") + row.text + "\": " + row.why);
        }
    }
}

TEST_CASE("a template has limits") {
    CHECK_NOTHROW(templateParts(std::string(1024, 'a')));
    CHECK_THROWS_AS(templateParts(std::string(1025, 'a')), std::runtime_error);
    std::string many = "{v0";
    for (int i = 1; i < 32; ++i) many += ",v" + std::to_string(i);
    CHECK_NOTHROW(templateParts(many + "}"));
    CHECK_THROWS_AS(templateParts(many + "}{one.more}"), std::runtime_error);
}
