#include "base/yaml_trouble.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("E08: the usual mistakes are told in plain words, where they are") {
    struct Row {
        const char* what;
        const char* text;
        int parsers, line;
        const char* words;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a tab", "a:\n\tb: 1\n", 2, 2, "a tab; YAML indents with spaces"},
             {"a tab in the line before", "a:\n\tb: 1\nc: 2\n", 3, 2, "a tab; YAML indents with spaces"},
             {"a tab that indents nothing", "a: 1\n\t\nb: @x\n", 3, 3, "a value that begins with @; put it in quotes"},
             {"an open quote", "a: \"b\nc: d\n", 3, 1, "the \" in this line is not closed"},
             {"an open single quote", "a: 'it''s\nc: d\n", 3, 1, "the ' in this line is not closed"},
             {"an escaped quote", "a: \"b\\\"\nc: d\n", 3, 1, "the \" in this line is not closed"},
             {"a quote in a comment", "# it's \"\na: [1\n", 3, 2, "the [ in this line is not closed"},
             {"an apostrophe in a word", "a: it's\nb: {c: 1\n", 3, 2, "the { in this line is not closed"},
             {"no space", "a:\n  b:1\n  c: 2\n", 3, 2, "a space is missing after \"b:\""},
             {"a URL is no key", "a:\n  http://x\n  c: 2\n", 3, 3, "this is no YAML: it"},
             {"a second colon", "a: b: c\n", 1, 1, "a value with \": \" in it; put it in quotes"},
             {"a percent sign", "a: %b\n", 1, 1, "a value that begins with %; put it in quotes"},
             {"in a list", "- @b\n", 1, 1, "a value that begins with @; put it in quotes"},
             {"something else", "a\n", 1, 1, "this is no YAML: it"},
             {"nothing", "", 1, 1, "this is no YAML: it"},
             {"a line that is not there", "a\n", 9, 9, "this is no YAML: it"}}) {
        DYNAMIC_SECTION(row.what) {
            const YamlTrouble told = yamlTrouble(row.text, row.parsers, "it");
            CHECK(told.words == row.words);
            CHECK(told.line == row.line);
        }
    }
    CHECK(openQuote("a: \"b\nc: d\n")->line == 1);
    CHECK(openQuote("a: 'b\n")->words == "the ' in this line is not closed");
    CHECK_FALSE(openQuote("a: \"b\"\nc: [\n"));
    CHECK_FALSE(openQuote("a: it's # \"\n"));
    CHECK(yamlTrouble("a\n", 1, "end of map not found").words.rfind("this line is indented neither", 0) == 0);
}
